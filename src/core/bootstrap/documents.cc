#include "core/bootstrap/documents.h"

#include "base/text.h"
#include "base/yaml.h"

namespace k3fleet::bootstrap {

namespace {

std::string filled(std::string text, const Filling& filling) {
    std::string out;
    while (!text.empty()) {
        const auto begin = text.find("{{");
        const auto end = begin == std::string::npos ? begin : text.find("}}", begin);
        const auto known =
            end == std::string::npos ? filling.end() : filling.find(text.substr(begin, end + 2 - begin));
        if (known == filling.end()) return out + text;
        out += text.substr(0, begin) + known->second;  // What was filled in is not looked at again.
        text.erase(0, end + 2);
    }
    return out;
}

Value filled(const Value& value, const Filling& filling) {
    if (const auto* text = value.as_string()) return filled(*text, filling);
    if (value.is_array()) {
        Value list = Value::array();
        for (const auto& item : value.items()) list.push(filled(item, filling));
        return list;
    }
    if (!value.is_object()) return value;
    Value object = Value::object();
    for (const auto& member : value.members()) object.set(member.key, filled(member.value, filling));
    return object;
}

}  // namespace

Result<std::string> fill(std::string_view documents, const Filling& filling) {
    constexpr std::string_view kParting = "\n---\n";
    std::string out;
    while (true) {
        const auto end = documents.find(kParting);
        const Value document =
            K3F_TRY_WHILE("reading a document of the node", yaml::parse(documents.substr(0, end)));
        if (!out.empty()) out += "---\n";
        out += yaml::write(filled(document, filling));
        if (end == std::string_view::npos) break;
        documents.remove_prefix(end + kParting.size());
    }
    if (out.contains("{{"))
        return fail(ErrorCode::Internal, "a document of the node has an unfilled placeholder");
    return out;
}

}  // namespace k3fleet::bootstrap
