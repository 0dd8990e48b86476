// What a machine of ours runs when it starts: the user data of masters, workers and the NAT instance.
//
// Everything here is text that is rendered from plain data, so what a machine will run can be read beforehand
// (`k3fleet node user-data`) and is the same to the byte for the same input. No secret is in it: a machine
// reads what it needs from Secrets Manager with its own role when it starts (docs/node.md).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/bootstrap/reservation.h"
#include "core/model/ids.h"
#include "core/model/intent.h"

namespace k3fleet::bootstrap {

// One file a machine fetches, pinned: what does not have this digest is refused and fetched again.
struct Artifact {
    std::string url;     // "s3://BUCKET/KEY", read with the machine's role, or "https://…"
    std::string sha256;  // 64 hexadecimal digits

    friend bool operator==(const Artifact&, const Artifact&) = default;
};

// What one architecture needs. `init` resolves the digests and records them in the bucket's binaries/.
struct Binaries {
    Artifact k3s;           // The K3s binary.
    Artifact images;        // K3s' images for starting without a registry (.tar.zst).
    Artifact ecr_provider;  // The kubelet's credential provider for ECR.

    friend bool operator==(const Binaries&, const Binaries&) = default;
};

// Images of the monitoring add-on, each pinned: "REGISTRY/NAME@sha256:DIGEST".
struct MonitoringImages {
    std::string prometheus;
    std::string kube_state_metrics;
    std::string node_exporter;

    friend bool operator==(const MonitoringImages&, const MonitoringImages&) = default;
};

// First: makes the cluster, and brings the manifests. Further: joins it. A replacement of any master of a
// cluster that has others is a further one.
enum class Master { First, Further };
// Open only where the intent opens port 22 (access.sshCidr), and then on masters only (G-4).
enum class Ssh { Off, On };
// Dedicated masters take no pods but the cluster's own; a cluster without pools needs them shared.
enum class Placement { Dedicated, Shared };

// What masters alone need.
struct MasterBoot {
    Master kind = Master::First;
    // The fixed address of its slot, which is one of `servers`. It is the address of the primary network
    // interface of the launch, so nothing is attached on the machine: it only checks that this is so.
    std::string address;
    Placement placement = Placement::Dedicated;
    Ssh ssh = Ssh::Off;
    std::string vpc_cidr = "10.0.0.0/16";  // Who may ask Prometheus.
    MonitoringImages monitoring;
};

// What workers alone need.
struct WorkerBoot {
    model::PoolName pool;
    std::map<std::string, std::string> labels;
    std::vector<std::string> taints;  // "key=value:NoSchedule"
};

// The secrets of a cluster, by the names its machines read and write them (JSON texts, each):
//   {prefix}/server-token    {"server": TEXT, "agent": TEXT}. Made by the operator, two random texts of 32 to
//                            128 letters and digits; read by masters only
//   {prefix}/k3s-token       {"token": "K10…", "servers": ["https://ADDRESS:6443"], "minted_at": RFC 3339}.
//                            Written by masters every 30 minutes, good for 90; read by workers and masters
//   {prefix}/autoscaler-kube {"ca": PEM, "endpoints": ["https://ADDRESS:6443"], "token": TEXT,
//                            "expires_at": RFC 3339, "prometheus": {"endpoints": ["https://ADDRESS:30090"],
//                            "ca": PEM, "username": "k3fleet", "password": TEXT}}. Written by masters every 2
//                            hours, the token good for 12; read by the autoscaler only
struct NodeBoot {
    model::ProjectName project;
    model::ClusterName cluster;
    std::string account;  // 12 digits: the expected owner of the bucket
    std::string region;
    std::string k3s_version;
    std::vector<std::string> servers;  // Fixed addresses of all master slots (IPv4), the first slot's first.
    Binaries binaries;
    // Every instance type this user data may be launched as, with what is kept back on it.
    std::map<std::string, Reservation> types;
    std::map<std::string, std::string> mirrors;  // Registry -> https endpoint that is asked first.
    std::optional<MasterBoot> master;            // Exactly one of the two.
    std::optional<WorkerBoot> worker;
};

struct NatBoot {
    std::string region;
    std::string vpc_cidr;  // Whose addresses are translated; nothing else is forwarded.
};

// EC2 takes this much user data, before base64 (EC2 user guide, "Run commands when you launch an instance").
inline constexpr std::size_t kMaxUserData = 16384;

// The script as a person reads it. InvalidArgument names the field that is not what it must be: everything is
// checked here once more, and nothing reaches a shell, a YAML or a JSON document but quoted (G-7).
Result<std::string> script(const NodeBoot& boot);
Result<std::string> script(const NatBoot& boot);

// What is given to EC2 (which wants it in base64): the script, packed in gzip's format, which cloud-init
// unpacks (cloud-init, "User data formats"). Refused if it is larger than kMaxUserData.
Result<std::string> user_data(const NodeBoot& boot);
Result<std::string> user_data(const NatBoot& boot);

// {project} for the cluster named like its project, else {project}-{cluster}.
std::string name_prefix(const NodeBoot& boot);

}  // namespace k3fleet::bootstrap
