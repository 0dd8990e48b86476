// The EC2 instance types that k3fleet knows: size, architecture, and what they cost on demand.
// The data is model/ec2-types.csv, embedded; model/README.md says where it comes from and of which day it is.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "core/model/known.h"
#include "core/model/world.h"

namespace k3fleet::cost {

enum class Architecture { Amd64, Arm64 };
// amd64, arm64: Kubernetes' words (kubernetes.io/arch)
std::string_view to_string(Architecture architecture);

struct InstanceType {
    std::string name;
    Millicores cpu;
    Mebibytes memory;
    Architecture architecture = Architecture::Amd64;
    int gpus = 0;
    bool burstable = false;
    bool current_generation = false;
    // Pods a node of this type takes: the kubelet's default, which K3s leaves as it is (flannel needs no ENI
    // address a pod, so the ENI limit of the VPC CNI does not bind).
    int max_pods = 110;
};

enum class Offered { Yes, No, Unknown };

class Catalogue {
public:
    // The embedded data. Parsed at the first call, never at program start.
    static const Catalogue& builtin();
    // Corrupt, with the line, if the text does not have the columns of model/ec2-types.csv.
    static Result<Catalogue> parse(std::string_view csv);

    // Null if there is no such type.
    const InstanceType* find(std::string_view name) const;
    std::vector<std::string> names() const;  // Sorted.
    std::size_t size() const { return types_.size(); }

    // On demand, Linux, shared tenancy. Unknown, with the reason,
    // in regions or for types that have no price here.
    model::Observed<UsdPerHour> price(std::string_view type, std::string_view region) const;
    // The type as it is sold on demand in a zone. InvalidArgument, with the nearest name, if there is no such
    // type; and if it has no price in the region.
    Result<model::Offering> on_demand(std::string_view type, std::string_view zone,
                                      std::string_view region) const;
    // Whether the region sells the type. Unknown in regions that are not in the data.
    Offered offered(std::string_view type, std::string_view region) const;
    const std::vector<std::string>& priced_regions() const { return priced_regions_; }  // Sorted.
    Timestamp prices_as_of() const { return prices_as_of_; }

private:
    struct Entry {
        InstanceType type;
        std::string offered_in;             // Letters of regions, as in the file.
        std::vector<std::string> usd_hour;  // As written, one a column of priced_regions_; empty = not known.
    };
    Status read_header(const std::vector<std::string>& columns);
    Status read_row(const std::vector<std::string>& cells);
    model::Observed<UsdPerHour> price(const Entry& entry, std::string_view region) const;
    // Index into priced_regions_, or -1.
    int region_index(std::string_view region) const;

    std::map<std::string, Entry, std::less<>> types_;
    std::vector<std::string> priced_regions_;
    std::map<std::string, std::size_t, std::less<>> column_;
    Timestamp prices_as_of_;
};

}  // namespace k3fleet::cost
