#include "app/pins.h"

#include "base/json.h"
#include "base/text.h"

namespace k3fleet::app {
namespace {

using bootstrap::Artifact;
using bootstrap::Binaries;

Value encode_artifact(const Artifact& artifact) {
    return Value::object({{"url", artifact.url}, {"sha256", artifact.sha256}});
}

Value encode_one(const Pins::One& one) {
    return Value::object({{"image", one.image},
                          {"k3s", encode_artifact(one.binaries.k3s)},
                          {"k3s_images", encode_artifact(one.binaries.images)},
                          {"ecr_provider", encode_artifact(one.binaries.ecr_provider)}});
}

Result<std::string> text_at(const Value& from, const std::string& name) {
    std::string text = from.string_at(name);
    if (text.empty()) return fail(ErrorCode::Corrupt, format("the pinned versions lack '{}'", name));
    return text;
}

Result<const Value*> object_at(const Value& from, const std::string& name) {
    const Value* found = from.find(name);
    if (found == nullptr || !found->is_object())
        return fail(ErrorCode::Corrupt, format("the pinned versions lack '{}'", name));
    return found;
}

Result<Artifact> artifact_at(const Value& from, const std::string& name) {
    const Value* found = K3F_TRY(object_at(from, name));
    return Artifact{.url = K3F_TRY(text_at(*found, "url")), .sha256 = K3F_TRY(text_at(*found, "sha256"))};
}

Result<Pins::One> one_at(const Value& from, const std::string& name) {
    const Value* found = K3F_TRY(object_at(from, name));
    return Pins::One{.image = K3F_TRY(text_at(*found, "image")),
                     .binaries = {.k3s = K3F_TRY(artifact_at(*found, "k3s")),
                                  .images = K3F_TRY(artifact_at(*found, "k3s_images")),
                                  .ecr_provider = K3F_TRY(artifact_at(*found, "ecr_provider"))}};
}

}  // namespace

std::string pins_key(const std::string& k3s_version) { return format("binaries/pins/{}.json", k3s_version); }

Value encode(const Pins& pins) {
    return Value::object(
        {{"amd64", encode_one(pins.amd64)},
         {"arm64", encode_one(pins.arm64)},
         {"monitoring", Value::object({{"prometheus", pins.monitoring.prometheus},
                                       {"kube_state_metrics", pins.monitoring.kube_state_metrics},
                                       {"node_exporter", pins.monitoring.node_exporter}})}});
}

Result<Pins> decode_pins(const Value& value) {
    const Value* monitoring = K3F_TRY(object_at(value, "monitoring"));
    return Pins{.amd64 = K3F_TRY(one_at(value, "amd64")),
                .arm64 = K3F_TRY(one_at(value, "arm64")),
                .monitoring = {.prometheus = K3F_TRY(text_at(*monitoring, "prometheus")),
                               .kube_state_metrics = K3F_TRY(text_at(*monitoring, "kube_state_metrics")),
                               .node_exporter = K3F_TRY(text_at(*monitoring, "node_exporter"))}};
}

Result<Pins> load_pins(ports::Objects& objects, const std::string& k3s_version) {
    const std::string key = pins_key(k3s_version);
    const auto object = K3F_TRY(objects.get(key));
    if (!object)
        return fail(ErrorCode::NotFound,
                    format("K3s {} is not recorded in this project\nrun 'k3fleet init' with this version",
                           k3s_version));
    const auto where = "reading " + key;
    const Value value = K3F_TRY_WHILE(where, json::parse(object->data));
    return K3F_TRY_WHILE(where, decode_pins(value));
}

}  // namespace k3fleet::app
