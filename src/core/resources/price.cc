#include "core/resources/price.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "base/check.h"
#include "base/ranges.h"
#include "base/text.h"
#include "core/cost/catalogue.h"
#include "core/resources/kinds.h"

namespace k3fleet::resources {

extern const std::string_view aws_prices_csv;  // model/aws-prices.csv, embedded by CMake.

namespace {

constexpr double kHours = 730;  // AWS bills so in its own examples (https://calculator.aws).
// What an idle project writes, estimated: a tick of the autoscaler every 2 minutes leaves about 1 KB of log
// and three writes to the table;
// two nodes that talk to AWS and each other leave about 1,000 flow records an hour.
constexpr double kFlowLogGb = 0.1;
constexpr double kFunctionLogGb = 0.02;
constexpr double kTrailLogGb = 0.3;
constexpr double kTicks = 21'900;  // A month.
constexpr double kTickSeconds = 0.2;
constexpr int kRootGb = 20;  // Disks of masters (gp3).

double number(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    K3F_CHECK(error == std::errc{} && end == text.data() + text.size(), "the table of prices is broken");
    return value;
}

// By key, then by region.
using Prices = std::map<std::string, std::map<std::string, double>, std::less<>>;

const Prices& prices() {
    static const Prices table = [] {
        Prices all;
        std::vector<std::string> columns;
        for (const std::string& line : split(aws_prices_csv, '\n')) {
            if (line.empty()) continue;
            const auto cells = split(line, ',');
            if (columns.empty()) {
                columns = cells;
                continue;
            }
            K3F_CHECK(cells.size() == columns.size(), "the table of prices is broken");
            for (std::size_t i = 0; i < columns.size(); ++i) {
                if (!columns[i].starts_with("usd_") || cells[i].empty()) continue;
                std::string region = columns[i].substr(4, columns[i].rfind('_') - 4);
                std::ranges::replace(region, '_', '-');
                all[cells[0]][region] = number(cells[i]);
            }
        }
        return all;
    }();
    return table;
}

class Pricing {
public:
    explicit Pricing(const model::Scope& scope) : region_(scope.region) {}

    void line(const Resource& r, double quantity, std::string_view key, std::string_view unit,
              std::string cheaper = "") {
        const auto unit_usd = unit_price(key, region_);
        PriceLine line{.id = r.id,
                       .what = format("{} {}", kind_of(r.type).word, name_of(r)),
                       .cheaper = std::move(cheaper)};
        if (unit_usd) {
            line.usd = quantity * *unit_usd;
            line.how = format("{} {} at ${}", rounded(quantity), unit, *unit_usd);
            if (unit.empty()) line.how = format("${} a month", *unit_usd);
        } else {
            line.how = format("no price of {} is known here", region_);
        }
        lines_.push_back(std::move(line));
    }
    std::vector<PriceLine> take() { return std::move(lines_); }
    std::optional<double> unit(std::string_view key) const { return unit_price(key, region_); }

    static std::string rounded(double quantity) {
        return quantity < 1 ? format("{:.1g}", quantity) : format("{:.0f}", quantity);
    }

private:
    static std::string name_of(const Resource& r) {
        const auto tag = r.tags.find(std::string(model::names::kNameTag));
        return tag != r.tags.end() ? tag->second : r.id.str();
    }

    std::string region_;
    std::vector<PriceLine> lines_;
};

void price_logs(Pricing& p, const Resource& r) {
    const std::string id = r.id.str();
    const double gb = id == "FlowLogGroup" ? kFlowLogGb : id == "TrailLog" ? kTrailLogGb : kFunctionLogGb;
    p.line(r, gb, "log-ingestion", "GB");
}

// What costs something by being there, whatever is done with it.
struct Standing {
    std::string_view type;
    std::string_view key;  // Of the table of prices.
    enum class Per { Hour, Month } per;
};
constexpr std::array kStanding = {
    Standing{"AWS::CloudWatch::Alarm", "alarm", Standing::Per::Month},
    Standing{"AWS::EC2::EIP", "public-ipv4", Standing::Per::Hour},
    Standing{"AWS::EC2::NatGateway", "nat-gateway", Standing::Per::Hour},
    Standing{"AWS::EC2::VPCEndpoint", "interface-endpoint", Standing::Per::Hour},
    Standing{"AWS::KMS::Key", "key", Standing::Per::Month},
    Standing{"AWS::SecretsManager::Secret", "secret", Standing::Per::Month},
};
constexpr auto kByUse = std::to_array<std::string_view>(
    {"AWS::CloudTrail::Trail", "AWS::DynamoDB::Table", "AWS::Lambda::Function", "AWS::Logs::LogGroup",
     "AWS::S3::Bucket", "AWS::SNS::Topic", "AWS::SQS::Queue"});

const Standing* standing(std::string_view type) {
    const auto row = std::ranges::find(kStanding, type, &Standing::type);
    return row != kStanding.end() ? &*row : nullptr;
}

// How many stand there in one: an interface endpoint is one in each subnet, a gateway endpoint costs nothing.
double count_of(std::string_view type, const Value& properties) {
    if (type != "AWS::EC2::VPCEndpoint") return 1;
    const Value* subnets = properties.find("SubnetIds");
    if (properties.string_at("VpcEndpointType") != "Interface" || subnets == nullptr) return 0;
    return static_cast<double>(subnets->items().size());
}

std::string cheaper_than(const Resource& r, std::optional<double> unit) {
    if (r.type == "AWS::EC2::NatGateway" && unit)
        return format("network.egress: nat-instance saves about ${:.0f}", (*unit - 0.0065) * kHours);
    if (r.type == "AWS::EC2::EIP" && r.id.str().starts_with("Master"))
        return "without access.sshCidr masters have no public address";
    if (r.type == "AWS::EC2::VPCEndpoint")
        return "network.egress: nat-instance is one address and a t4g.nano for all";
    if (r.type == "AWS::KMS::Key") return "encryption.keys: aws costs nothing";
    return "";
}

void price_standing(Pricing& p, const Resource& r, const Standing& row) {
    const double count = count_of(r.type, r.properties);
    if (count == 0) return;
    const bool hourly = row.per == Standing::Per::Hour;
    p.line(r, hourly ? kHours * count : count, row.key, hourly ? "h" : "", cheaper_than(r, p.unit(row.key)));
}

void price_function(Pricing& p, const Resource& r) {
    const auto memory = r.properties.find("MemorySize")->as_double().value_or(0) / 1024;
    p.line(r, (r.id.str() == "AutoscalerFunction" ? kTicks : kTicks / 10) * kTickSeconds * memory / 1e6,
           "function-time", "million GB-s");
}

}  // namespace

std::optional<double> unit_price(std::string_view key, std::string_view region) {
    const auto row = prices().find(key);
    if (row == prices().end()) return std::nullopt;
    const auto cell = row->second.find(std::string(region));
    return cell != row->second.end() ? std::optional(cell->second) : std::nullopt;
}

std::vector<PriceLine> price_lines(const Graph& graph) {
    Pricing p(graph.scope);
    for (const Resource& r : graph.resources) {
        if (const Standing* row = standing(r.type)) price_standing(p, r, *row);
        if (r.type == "AWS::Logs::LogGroup") price_logs(p, r);
        if (r.type == "AWS::Lambda::Function") price_function(p, r);
        // Management events are free once an account; the table's writes are data events.
        if (r.type == "AWS::CloudTrail::Trail")
            p.line(r, kTicks * 3 / 1e5, "trail-data-events", "x 100,000 events");
        if (r.type == "AWS::S3::Bucket") p.line(r, 0.2, "bucket", "GB");
    }
    return p.take();
}

namespace {

PriceLine machine(std::string what, std::string_view type, int count, int gb, const std::string& region) {
    PriceLine line{.what = std::move(what)};
    const auto hour = cost::Catalogue::builtin().price(type, region);
    const auto disk = unit_price("gp3", region);
    if (!hour.known() || !disk) {
        line.how = format("no price of {} is known here", region);
        return line;
    }
    line.usd = count * (hour.value().dollars() * kHours + gb * *disk);
    line.how = format("{} x (730 h at ${} and {} GB at ${})", count, hour.value().dollars(), gb, *disk);
    return line;
}

}  // namespace

std::vector<PriceLine> machine_lines(const model::ClusterIntent& intent) {
    std::vector<PriceLine> lines{
        machine(format("{} {}", counted(intent.masters(), "master"), intent.master_type), intent.master_type,
                intent.masters(), kRootGb, intent.region)};
    if (intent.masters() > 1) lines.back().cheaper = "mode: dev has one master";
    if (intent.network.egress == model::Egress::NatInstance)
        lines.push_back(machine(format("NAT instance {}", model::kNatType), model::kNatType, 1,
                                model::kNatDiskGib, intent.region));
    return lines;
}

StandingCost standing_cost(const Observed& observed, std::string_view region) {
    if (contains(kByUse, observed.type)) return {.usd_per_hour = std::nullopt, .by_use = true};
    const Standing* row = standing(observed.type);
    const double count = row != nullptr ? count_of(observed.type, observed.properties) : 0;
    if (count == 0) return {.usd_per_hour = 0};
    auto unit = unit_price(row->key, region);
    if (unit && row->per == Standing::Per::Month) *unit /= kHours;
    return {.usd_per_hour = unit ? std::optional(*unit * count) : std::nullopt};
}

PriceSum sum(const std::vector<PriceLine>& lines) {
    PriceSum total;
    for (const PriceLine& line : lines) {
        if (line.usd) total.usd += *line.usd;
        if (!line.usd) ++total.unknown;
    }
    return total;
}

std::string money(std::optional<double> usd) { return usd ? format("${:.2f}", *usd) : "?"; }

}  // namespace k3fleet::resources
