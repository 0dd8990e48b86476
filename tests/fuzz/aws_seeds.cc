// Writes what the fuzzers of AWS's answers begin with: for every operation an answer with all members to some
// depth, and an error in the format of its service.
//
//   aws_seeds FOLDER     into FOLDER/aws_ec2_fuzz, FOLDER/aws_error_fuzz, ...
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>

#include "aws/gen/registry.h"
#include "base/json.h"
#include "base/text.h"

namespace {

using namespace k3fleet;
using aws::Kind;
using aws::Protocol;
using aws::Type;

constexpr int kDepth = 5;

std::string sample_text(const Type& type) {
    switch (type.kind) {
        case Kind::Boolean: return "true";
        case Kind::Integer:
        case Kind::Long: return "7";
        case Kind::Double: return "0.5";
        case Kind::Timestamp: return "2026-11-22T03:15:00Z";
        case Kind::Blob:
        case Kind::SecretBlob: return "AP8=";
        default: return "text";
    }
}

bool bound(const aws::Member& member) {
    return member.location != aws::Location::Body && member.location != aws::Location::Payload;
}

std::string xml(const Type& type, int depth);

std::string element(std::string_view name, const std::string& inner) {
    return format("<{}>{}</{}>", name, inner, name);
}

std::string entry(const Type& map, int depth) {
    return element(map.key_wire ? map.key_wire : "key", "k") +
           element(map.element_wire ? map.element_wire : "value", xml(*map.element, depth - 1));
}

std::string xml_member(const aws::Member& member, int depth) {
    const Type& type = *member.type;
    const bool flat = type.flattened || member.has(aws::trait::kFlattened);
    if (flat && type.kind == Kind::List) return element(member.wire_out, xml(*type.element, depth - 1));
    if (flat && type.kind == Kind::Map) return element(member.wire_out, entry(type, depth));
    return element(member.wire_out, xml(type, depth - 1));
}

std::string xml(const Type& type, int depth) {
    if (depth <= 0) return "";
    if (type.kind == Kind::List)
        return element(type.element_wire ? type.element_wire : "member", xml(*type.element, depth - 1));
    if (type.kind == Kind::Map) return element("entry", entry(type, depth));
    if (type.kind != Kind::Structure) return sample_text(type);
    std::string out;
    for (const auto& member : type.fields()) {
        if (!bound(member)) out += xml_member(member, depth);
    }
    return out;
}

Value document(const Type& type, int depth) {
    switch (type.kind) {
        case Kind::Boolean: return true;
        case Kind::Integer:
        case Kind::Long: return 7;
        case Kind::Double: return 0.5;
        case Kind::Timestamp: return 1'795'317'300.5;
        case Kind::List:
            return depth > 0 ? Value::array({document(*type.element, depth - 1)}) : Value::array();
        case Kind::Map: {
            Value map = Value::object();
            if (depth > 0) map.set("k", document(*type.element, depth - 1));
            return map;
        }
        case Kind::Structure: {
            Value structure = Value::object();
            for (const auto& member : type.fields()) {
                if (depth > 0 && !bound(member))
                    structure.set(member.wire_out, document(*member.type, depth - 1));
            }
            return structure;
        }
        default: return sample_text(type);
    }
}

std::string answer_body(const aws::Operation& operation) {
    const Type& type = *operation.output;
    switch (operation.service->protocol) {
        case Protocol::Ec2: return element(format("{}Response", operation.name), xml(type, kDepth));
        case Protocol::Query: {
            const char* wrapper = operation.result_wrapper;
            const std::string inner = xml(type, kDepth);
            return element(format("{}Response", operation.name), wrapper ? element(wrapper, inner) : inner);
        }
        case Protocol::RestXml: {
            for (const auto& member : type.fields()) {
                if (member.location == aws::Location::Payload) return xml_member(member, kDepth);
            }
            return element("Answer", xml(type, kDepth));
        }
        default: return json::write(document(type, kDepth));
    }
}

std::string headers(const Type& type) {
    std::string out;
    for (const auto& member : type.fields()) {
        if (member.location == aws::Location::Header)
            out += format("{}:{}\n", member.wire_out, sample_text(*member.type));
        if (member.location == aws::Location::HeaderPrefix) out += format("{}k:v\n", member.wire_out);
    }
    return out + "\n";
}

std::string error_answer(const aws::Operation& operation) {
    const std::string code = operation.errors.empty() ? "AccessDenied" : operation.errors.front().code;
    const std::string error = element("Error", element("Code", code) + element("Message", "no"));
    switch (operation.service->protocol) {
        case Protocol::Ec2:
            return "\n" + element("Response", element("Errors", error) + element("RequestID", "r"));
        case Protocol::Query: return "\n" + element("ErrorResponse", error + element("RequestId", "r"));
        case Protocol::RestXml: return "\n" + error;
        default:
            return format("x-amzn-errortype:{}\nx-amzn-query-error:{};Sender\nRetry-After:3\n\n{}", code,
                          code, R"({"__type":"a#)" + code + R"(","message":"no"})");
    }
}

std::string folder_of(Protocol protocol) {
    switch (protocol) {
        case Protocol::Ec2: return "aws_ec2_fuzz";
        case Protocol::Query: return "aws_query_fuzz";
        case Protocol::RestJson: return "aws_rest_json_fuzz";
        case Protocol::RestXml: return "aws_rest_xml_fuzz";
        default: return "aws_json_fuzz";
    }
}

// Two bytes of number, one of status, then the rest: see aws_answer.h.
void write(const std::filesystem::path& folder, int number, char status, const std::string& rest) {
    std::filesystem::create_directories(folder);
    std::ofstream out(folder / format("seed-{}", number), std::ios::binary);
    out << static_cast<char>(number & 255) << static_cast<char>(number >> 8) << status << rest;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: aws_seeds FOLDER\n");
        return 1;
    }
    const std::filesystem::path folder = argv[1];
    std::map<std::string, int> numbers;
    int all = 0;
    for (const auto& registered : aws::registered_operations()) {
        const aws::Operation& operation = registered.operation();
        const std::string name = folder_of(operation.service->protocol);
        const int number = numbers[name]++;
        if (operation.output != nullptr)
            write(folder / name, number, 0, headers(*operation.output) + answer_body(operation));
        write(folder / "aws_error_fuzz", all++, 3, error_answer(operation));
    }
    return 0;
}
