// Reads the catalogue of instance types: plain comma-separated columns, found by name, no quoting.
#include "core/cost/catalogue.h"

#include <algorithm>
#include <charconv>

#include "base/check.h"
#include "base/text.h"
#include "base/time.h"

namespace k3fleet::cost {

extern const std::string_view ec2_types_csv;  // model/ec2-types.csv, embedded by CMake.

namespace {

constexpr std::string_view kPricePrefix = "usd_h_";  // usd_h_ap_southeast_1_20250528

template <typename Number>
Result<Number> number(std::string_view text, std::string_view column) {
    Number value{};
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
        return fail(ErrorCode::Corrupt, format("\"{}\" is no number (column {})", text, column));
    return value;
}

// "usd_h_ap_southeast_1_20250528" -> ("ap-southeast-1", "20250528").
std::pair<std::string, std::string> region_and_day(std::string_view column) {
    auto rest = column.substr(kPricePrefix.size());
    auto cut = rest.rfind('_');
    if (cut == std::string_view::npos) return {};
    std::string region(rest.substr(0, cut));
    std::replace(region.begin(), region.end(), '_', '-');
    return {region, std::string(rest.substr(cut + 1))};
}

// The letter of `offered_in` is the first of the region's name, for the regions the file covers.
char region_letter(std::string_view region) { return region.empty() ? '?' : region.front(); }

}  // namespace

std::string_view to_string(Architecture architecture) {
    return architecture == Architecture::Arm64 ? "arm64" : "amd64";
}

const Catalogue& Catalogue::builtin() {
    static const Catalogue kCatalogue = [] {
        auto parsed = parse(ec2_types_csv);
        K3F_CHECK(parsed.has_value(), "model/ec2-types.csv is damaged; its test would have said where");
        return std::move(*parsed);
    }();
    return kCatalogue;
}

Result<Catalogue> Catalogue::parse(std::string_view csv) {
    Catalogue catalogue;
    int line = 0;
    while (!csv.empty()) {
        auto end = std::min(csv.find('\n'), csv.size());
        auto row = csv.substr(0, end);
        csv.remove_prefix(std::min(end + 1, csv.size()));
        ++line;
        if (row.empty()) continue;
        auto cells = split(row, ',');
        K3F_TRY_WHILE(format("reading line {} of the instance types", line),
                      line == 1 ? catalogue.read_header(cells) : catalogue.read_row(cells));
    }
    if (catalogue.types_.empty()) return fail(ErrorCode::Corrupt, "the list of instance types is empty");
    return catalogue;
}

Status Catalogue::read_header(const std::vector<std::string>& columns) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (!column_.emplace(columns[i], i).second)
            return fail(ErrorCode::Corrupt, format("column {} appears twice", columns[i]));
        if (!columns[i].starts_with(kPricePrefix)) continue;
        auto [region, day] = region_and_day(columns[i]);
        if (day.size() != 8) return fail(ErrorCode::Corrupt, format("column {} names no day", columns[i]));
        auto date = format("{}-{}-{}T00:00:00Z", day.substr(0, 4), day.substr(4, 2), day.substr(6, 2));
        auto as_of = K3F_TRY(parse_timestamp(date));
        prices_as_of_ = std::max(prices_as_of_, as_of);
        priced_regions_.push_back(region);
    }
    for (auto* needed : {"instance_type", "vcpu", "memory_mib", "arch", "gpu_count", "burstable",
                         "current_gen", "offered_in"})
        if (!column_.contains(needed))
            return fail(ErrorCode::Corrupt, format("column {} is missing", needed));
    return {};
}

Status Catalogue::read_row(const std::vector<std::string>& cells) {
    if (cells.size() != column_.size())
        return fail(ErrorCode::Corrupt, format("{} cells, expected {}", cells.size(), column_.size()));
    auto cell = [&](std::string_view name) { return std::string_view(cells[column_.find(name)->second]); };

    Entry entry;
    auto& type = entry.type;
    type.name = cell("instance_type");
    type.cpu = Millicores{1000 * K3F_TRY(number<std::int64_t>(cell("vcpu"), "vcpu"))};
    type.memory = Mebibytes{K3F_TRY(number<std::int64_t>(cell("memory_mib"), "memory_mib"))};
    if (cell("arch") != "arm64" && cell("arch") != "x86_64")
        return fail(ErrorCode::Corrupt, format("architecture {} is not known", cell("arch")));
    type.architecture = cell("arch") == "arm64" ? Architecture::Arm64 : Architecture::Amd64;
    type.gpus = K3F_TRY(number<int>(cell("gpu_count"), "gpu_count"));
    type.burstable = cell("burstable") == "1";
    type.current_generation = cell("current_gen") == "1";
    entry.offered_in = cell("offered_in");
    for (const auto& [column, index] : column_) {
        if (!column.starts_with(kPricePrefix)) continue;
        entry.usd_hour.resize(priced_regions_.size());
        if (!cells[index].empty()) K3F_TRY(number<double>(cells[index], column));
        auto region = std::find(priced_regions_.begin(), priced_regions_.end(), region_and_day(column).first);
        entry.usd_hour[static_cast<std::size_t>(region - priced_regions_.begin())] = cells[index];
    }
    std::string name = type.name;
    if (!types_.emplace(name, std::move(entry)).second)
        return fail(ErrorCode::Corrupt, format("{} appears twice", name));
    return {};
}

const InstanceType* Catalogue::find(std::string_view name) const {
    auto entry = types_.find(name);
    return entry == types_.end() ? nullptr : &entry->second.type;
}

std::vector<std::string> Catalogue::names() const {
    std::vector<std::string> names;
    names.reserve(types_.size());
    for (const auto& [name, entry] : types_) names.push_back(name);
    return names;
}

int Catalogue::region_index(std::string_view region) const {
    auto found = std::find(priced_regions_.begin(), priced_regions_.end(), region);
    return found == priced_regions_.end() ? -1 : static_cast<int>(found - priced_regions_.begin());
}

model::Observed<UsdPerHour> Catalogue::price(std::string_view type, std::string_view region) const {
    auto entry = types_.find(type);
    if (entry == types_.end()) return model::Unknown{format("{} is no instance type k3fleet knows", type)};
    return price(entry->second, region);
}

model::Observed<UsdPerHour> Catalogue::price(const Entry& entry, std::string_view region) const {
    const std::string& type = entry.type.name;
    int index = region_index(region);
    if (index < 0)
        return model::Unknown{format("the price of {} in {} is not known: prices are there for {}", type,
                                     region, join(priced_regions_, ", "))};
    const auto& text = entry.usd_hour[static_cast<std::size_t>(index)];
    if (text.empty()) return model::Unknown{format("the price of {} in {} is not known", type, region)};
    return {UsdPerHour::from_dollars(*number<double>(text, "price")), prices_as_of_};
}

Result<model::Offering> Catalogue::on_demand(std::string_view type, std::string_view zone,
                                             std::string_view region) const {
    const auto entry = types_.find(type);
    if (entry == types_.end()) {
        const std::string near = nearest(type, names());
        return fail(ErrorCode::InvalidArgument,
                    format("there is no instance type {}{}", type,
                           near.empty() ? "" : format("; did you mean {}?", near)));
    }
    const InstanceType& known = entry->second.type;
    const auto price = this->price(entry->second, region);
    if (!price) return fail(ErrorCode::InvalidArgument, format("{} is not sold here: {}", type, price.why()));
    return model::Offering{.instance_type = std::string(type),
                           .zone = std::string(zone),
                           .price = *price,
                           .cpu = known.cpu,
                           .memory = known.memory};
}

Offered Catalogue::offered(std::string_view type, std::string_view region) const {
    auto entry = types_.find(type);
    if (entry == types_.end() || region_index(region) < 0) return Offered::Unknown;
    return entry->second.offered_in.contains(region_letter(region)) ? Offered::Yes : Offered::No;
}

}  // namespace k3fleet::cost
