// The JSON schema says what the reader does: same fields, same defaults, and the examples keep to it.
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>

#include "base/json.h"
#include "base/text.h"
#include "base/yaml.h"
#include "core/intent/intent.h"
#include "tests/support/golden.h"

namespace k3fleet::intent {
namespace {

using testing_support::expect_golden;
using testing_support::read_file;
using testing_support::source_path;

// Walks a schema beside its paths as field_paths() writes them.
void collect(const Value& schema, const std::string& prefix,
             std::vector<std::pair<std::string, Value>>& out) {
    const auto* properties = schema.find("properties");
    if (!properties) return;
    for (const auto& property : properties->members()) {
        auto path = prefix + property.key;
        out.emplace_back(path, property.value);
        collect(property.value, path + ".", out);
        if (const auto* items = property.value.find("items")) collect(*items, path + "[].", out);
    }
}

std::vector<std::pair<std::string, Value>> schema_fields(Kind kind) {
    std::vector<std::pair<std::string, Value>> fields;
    collect(schema(kind), "", fields);
    return fields;
}

// What the schema finds wrong with a document: the keywords that our schemas use, no others.
void validate(const Value& schema, const Value& value, const std::string& path,
              std::vector<std::string>& wrong) {
    auto expect = [&](bool holds, std::string_view keyword) {
        if (!holds) wrong.push_back(path + ": " + std::string(keyword));
    };
    for (const auto& rule : schema.members()) {
        const auto& key = rule.key;
        const auto& wanted = rule.value;
        const auto* text = value.as_string();
        if (key == "type") {
            auto type = *wanted.as_string();
            expect((type == "object" && value.is_object()) || (type == "array" && value.is_array()) ||
                       (type == "string" && value.is_string()) || (type == "integer" && value.is_int()) ||
                       (type == "number" && value.is_number()),
                   "type");
        } else if (key == "const") {
            expect(value == wanted, "const");
        } else if (key == "enum") {
            expect(std::find(wanted.items().begin(), wanted.items().end(), value) != wanted.items().end(),
                   "enum");
        } else if (key == "minimum") {
            expect(value.as_double() >= wanted.as_double(), "minimum");
        } else if (key == "maximum") {
            expect(value.as_double() <= wanted.as_double(), "maximum");
        } else if (key == "pattern") {
            expect(text && std::regex_search(*text, std::regex(*wanted.as_string())), "pattern");
        } else if (key == "maxLength") {
            expect(text && static_cast<std::int64_t>(text->size()) <= wanted.as_int(), "maxLength");
        } else if (key == "minItems") {
            expect(static_cast<std::int64_t>(value.items().size()) >= wanted.as_int(), "minItems");
        } else if (key == "maxItems") {
            expect(static_cast<std::int64_t>(value.items().size()) <= wanted.as_int(), "maxItems");
        } else if (key == "maxProperties") {
            expect(static_cast<std::int64_t>(value.members().size()) <= wanted.as_int(), "maxProperties");
        } else if (key == "required") {
            for (const auto& name : wanted.items()) expect(value.find(*name.as_string()), "required");
        } else if (key == "properties") {
            for (const auto& member : value.members())
                if (const auto* inner = wanted.find(member.key))
                    validate(*inner, member.value, path + "." + member.key, wrong);
        } else if (key == "additionalProperties") {
            const auto* known = schema.find("properties");
            for (const auto& member : value.members()) {
                if (known && known->find(member.key)) continue;
                if (wanted.is_object())
                    validate(wanted, member.value, path + "." + member.key, wrong);
                else
                    expect(false, "additionalProperties " + member.key);
            }
        } else if (key == "propertyNames") {
            for (const auto& member : value.members())
                validate(wanted, Value(member.key), path + " name", wrong);
        } else if (key == "items") {
            for (std::size_t i = 0; i < value.items().size(); ++i)
                validate(wanted, value.items()[i], format("{}[{}]", path, i), wrong);
        } else if (key == "uniqueItems") {
            for (std::size_t i = 0; i < value.items().size(); ++i)
                for (std::size_t j = 0; j < i; ++j)
                    expect(!(value.items()[i] == value.items()[j]), "uniqueItems");
        } else {
            static const std::vector<std::string> kAnnotations = {"$schema", "$id",      "title",
                                                                  "default", "examples", "description"};
            expect(std::find(kAnnotations.begin(), kAnnotations.end(), key) != kAnnotations.end(),
                   "unknown keyword " + key);
        }
    }
}

std::vector<std::string> faults(Kind kind, const Value& document) {
    std::vector<std::string> wrong;
    validate(schema(kind), document, "", wrong);
    return wrong;
}

Value example(std::string_view name) {
    auto document = yaml::parse(read_file(source_path("examples") / name));
    EXPECT_TRUE(document) << name;
    return document ? *document : Value();
}

TEST(Schema, IsThisText) {
    expect_golden("intent/cluster.schema.json", json::write_pretty(schema(Kind::Cluster)));
    expect_golden("intent/project.schema.json", json::write_pretty(schema(Kind::Project)));
}

TEST(Schema, HoldsEveryFieldOfTheReaderAndNoOther) {
    for (auto kind : {Kind::Cluster, Kind::Project}) {
        std::vector<std::string> paths;
        for (const auto& [path, field] : schema_fields(kind)) {
            paths.push_back(path);
            EXPECT_FALSE(field.string_at("description").empty()) << path;
        }
        EXPECT_EQ(paths, field_paths(kind));
    }
}

TEST(Schema, StatesTheDefaultsThatTheReaderGives) {
    auto read = read_cluster(
        "apiVersion: k3fleet.dev/v1\nkind: Cluster\nmetadata: {name: shop}\n"
        "spec:\n  region: ap-southeast-1\n  k3sVersion: v1.31.4+k3s1\n"
        "  pools: [{name: a, instanceTypes: [t4g.small]}]\n");
    ASSERT_TRUE(read) << describe(read.error(), "f");
    auto document = to_document(read->intent);
    int compared = 0;
    for (const auto& [path, field] : schema_fields(Kind::Cluster)) {
        const auto* stated = field.find("default");
        if (!stated) continue;
        ++compared;
        if (path == "spec.pools") {
            EXPECT_EQ(*stated, Value::array());  // The file above names one, to see the defaults within.
            continue;
        }
        const Value* given = nullptr;
        if (path.starts_with("spec.pools[]."))
            given = document.path("spec.pools")
                        ->items()[0]
                        .find(path.substr(std::string_view("spec.pools[].").size()));
        else
            given = document.path(path);
        ASSERT_NE(given, nullptr) << path;
        EXPECT_EQ(*given, *stated) << path;
    }
    EXPECT_GE(compared, 27);
    // The one default that depends on another field is said in words.
    EXPECT_TRUE(schema(Kind::Cluster)
                    .string_at("properties.spec.properties.network.properties.egress.description")
                    .contains("nat-instance in mode dev and nat-gateway in mode ha"));
}

TEST(Schema, StatesTheDefaultsOfProjects) {
    auto read = read_project(
        "apiVersion: k3fleet.dev/v1\nkind: Project\nmetadata: {name: p}\nspec: {allowedRegions: "
        "[us-east-1]}\n");
    ASSERT_TRUE(read) << describe(read.error(), "f");
    auto document = to_document(read->intent);
    for (const auto& [path, field] : schema_fields(Kind::Project)) {
        const auto* stated = field.find("default");
        if (!stated) continue;
        ASSERT_NE(document.path(path), nullptr) << path;
        EXPECT_EQ(*document.path(path), *stated) << path;
    }
}

TEST(Schema, AcceptsTheExamplesAndWhatWeWrite) {
    for (auto* name : {"cluster-dev.yaml", "cluster-full.yaml"}) {
        EXPECT_EQ(faults(Kind::Cluster, example(name)), std::vector<std::string>{}) << name;
        auto read = read_cluster(read_file(source_path("examples") / name));
        ASSERT_TRUE(read);
        EXPECT_EQ(faults(Kind::Cluster, to_document(read->intent)), std::vector<std::string>{}) << name;
    }
    EXPECT_EQ(faults(Kind::Project, example("project.yaml")), std::vector<std::string>{});
}

TEST(Schema, RefusesWhatTheReaderRefuses) {
    auto document = example("cluster-dev.yaml");
    auto spec = *document.find("spec");
    auto with = [&](std::string_view key, Value value) {
        auto changed = document;
        auto inner = spec;
        changed.set("spec", inner.set(key, std::move(value)));
        return faults(Kind::Cluster, changed);
    };
    EXPECT_EQ(with("mode", "big"), std::vector<std::string>{".spec.mode: enum"});
    EXPECT_EQ(with("k3sVersion", 1.31),
              (std::vector<std::string>{".spec.k3sVersion: type", ".spec.k3sVersion: pattern",
                                        ".spec.k3sVersion: maxLength"}));
    EXPECT_EQ(with("nodes", 3), std::vector<std::string>{".spec: additionalProperties nodes"});
    EXPECT_EQ(with("autoscaling", Value::object({{"interval", "300"}})),
              std::vector<std::string>{".spec.autoscaling.interval: pattern"});
}

// The full example is what people copy from: it has to show every field.
TEST(FullExample, ShowsEveryFieldThatDoesNotExcludeAnother) {
    auto document = example("cluster-full.yaml");
    for (const auto& path : field_paths(Kind::Cluster)) {
        if (path == "spec.metrics.bearerTokenFile") continue;  // Excludes username; named in a comment.
        const Value* at = &document;
        std::string rest = path;
        for (auto list = rest.find("[]."); at && list != std::string::npos; list = rest.find("[].")) {
            at = at->path(rest.substr(0, list));
            at = at && !at->items().empty() ? &at->items()[0] : nullptr;
            rest = rest.substr(list + 3);
        }
        EXPECT_TRUE(at && at->path(rest)) << path << " is missing in examples/cluster-full.yaml";
    }
}

}  // namespace
}  // namespace k3fleet::intent
