#include "adapters/simcloud/node_script.h"

#include <map>
#include <optional>

#include "base/crypto.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

constexpr std::string_view kBoothook = "#cloud-boothook";
constexpr std::size_t kMostText = std::size_t{1} << 20;

// The file that the script puts there: `put MODE FILE <<'END'`, its lines, END.
std::optional<std::string> file_in(std::string_view script, std::string_view path) {
    const auto line = script.find(format(" {} <<'", path));
    if (line == std::string_view::npos) return std::nullopt;
    const auto mark_at = script.find('\'', line) + 1;
    const auto mark_end = script.find('\'', mark_at);
    const auto begin = script.find('\n', line);
    if (mark_end == std::string_view::npos || begin == std::string_view::npos) return std::nullopt;
    const std::string end = format("\n{}\n", script.substr(mark_at, mark_end - mark_at));
    const auto finish = script.find(end, begin);
    if (finish == std::string_view::npos) return std::nullopt;
    return std::string(script.substr(begin + 1, finish - begin));
}

// NAME=WORD, a line each.
std::map<std::string, std::string> variables_of(std::string_view text) {
    std::map<std::string, std::string> variables;
    for (const std::string& line : split(text, '\n'))
        if (const auto at = line.find('='); at != std::string::npos)
            variables[line.substr(0, at)] = line.substr(at + 1);
    return variables;
}

// Words without quotes: addresses need none.
std::vector<std::string> words_in(std::string_view list) {
    std::vector<std::string> words;
    if (!list.starts_with('(') || !list.ends_with(')')) return words;
    for (const std::string& word : split(list.substr(1, list.size() - 2), ' '))
        if (!word.empty()) words.push_back(word);
    return words;
}

}  // namespace

NodeScript read_node_script(std::string_view user_data) {
    using Kind = NodeScript::Kind;
    std::string text(user_data);
    if (text.starts_with("\x1f\x8b")) {
        auto unpacked = crypto::inflate(text, kMostText);
        if (!unpacked) return {};
        text = *std::move(unpacked);
    }
    if (!text.starts_with(kBoothook)) return {};
    NodeScript script{.kind = Kind::Broken};
    const auto environment = file_in(text, "/etc/k3fleet/node.env");
    if (!environment) return script;
    if (file_in(text, "/etc/k3fleet/nat.nft")) {
        script.kind = Kind::Nat;
        return script;
    }
    auto variables = variables_of(*environment);
    script.prefix = variables["PREFIX"];
    script.slot_address = variables["SLOT_ADDRESS"];
    script.servers = words_in(variables["SERVERS"]);
    for (const std::string& line : split(file_in(text, "/etc/k3fleet/reservations").value_or(""), '\n'))
        if (!line.empty()) script.types.push_back(line.substr(0, line.find(' ')));
    if (script.prefix.empty() || script.types.empty()) return script;
    if (variables["ROLE"] == "worker") script.kind = Kind::Worker;
    if (variables["ROLE"] == "master" && !script.slot_address.empty() && !script.servers.empty())
        script.kind = variables["MASTER"] == "first" ? Kind::FirstMaster : Kind::FurtherMaster;
    return script;
}

}  // namespace k3fleet::simcloud
