#include "adapters/simcloud/aws/s3_common.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "adapters/simcloud/engine.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

constexpr std::size_t kPage = 1000;
constexpr std::size_t kShortPage = 2;

// The finalizer of MurmurHash3 (https://github.com/aappleby/smhasher, public domain).
std::uint64_t mixed(std::uint64_t bits) {
    bits = (bits ^ (bits >> 33)) * 0xff51afd7ed558ccd;
    bits = (bits ^ (bits >> 33)) * 0xc4ceb9fe1a85ec53;
    return bits ^ (bits >> 33);
}

// Eight bytes, or what is left of them, as they stand in memory: the program runs on machines of one order.
std::uint64_t word_at(std::string_view bytes, std::size_t at) {
    static_assert(std::endian::native == std::endian::little);
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, std::min(sizeof word, bytes.size() - at));
    return word;
}

}  // namespace

std::unexpected<Error> refuse_without_body(int status, std::string message) {
    const ErrorCode code = status == 404   ? ErrorCode::NotFound
                           : status == 403 ? ErrorCode::PermissionDenied
                                           : ErrorCode::Conflict;
    Error error{.code = code, .message = std::move(message)};
    error.provider_code = std::to_string(status);
    return std::unexpected(std::move(error));
}

Result<S3Bucket*> find_bucket(Call& call, const std::optional<std::string>& name,
                              const std::optional<std::string>& expected_owner) {
    const auto found = call.account.s3.buckets.find(name.value_or(""));
    if (found == call.account.s3.buckets.end())
        return refuse("NoSuchBucket", "The specified bucket does not exist");
    if (expected_owner && *expected_owner != call.account.number)
        return refuse("AccessDenied", "Access Denied");
    return &found->second;
}

std::string bucket_arn(const std::optional<std::string>& bucket) {
    return "arn:aws:s3:::" + bucket.value_or("");
}

std::string object_arn(const std::optional<std::string>& bucket, const std::optional<std::string>& key) {
    return bucket_arn(bucket) + "/" + key.value_or("");
}

iam::Context s3_context(const Call& call) { return {{"s3:ResourceAccount", {call.account.number}}}; }

const S3Version* current(const S3Bucket& bucket, const std::string& key) {
    const auto found = bucket.objects.find(key);
    if (found == bucket.objects.end() || found->second.back().marker) return nullptr;
    return &found->second.back();
}

const S3Version& store(Call& call, S3Bucket& bucket, const std::string& key, S3Version version) {
    ++bucket.writes;
    version.at = call.now;
    version.id = "null";
    auto& versions = bucket.objects[key];
    if (bucket.versioning == S3Bucket::Versioning::Enabled) {
        Prng random = call.dice("s3-version", format("{}/{}", bucket.name, bucket.writes));
        version.id = format("{:016x}{:016x}", random.next(), random.next());
    } else {
        std::erase_if(versions, [](const S3Version& old) { return old.id == "null"; });
    }
    return versions.emplace_back(std::move(version));
}

std::string etag_of(std::string_view bytes) {
    std::uint64_t a = 0x9e3779b97f4a7c15 ^ bytes.size();
    std::uint64_t b = 0xc2b2ae3d27d4eb4f;
    for (std::size_t at = 0; at < bytes.size(); at += sizeof(std::uint64_t)) {
        const std::uint64_t word = word_at(bytes, at);
        a = std::rotl(a ^ word * 0x87c37b91114253d5, 31) * 5 + 0x52dce729;
        b = (std::rotl(b, 27) ^ word) * 0x4cf5ad432745937f + a;
    }
    return format("\"{:016x}{:016x}\"", mixed(a ^ b), mixed(b + std::rotl(a, 17)));
}

Result<std::size_t> page_size(const Call& call, const std::optional<std::int32_t>& wanted) {
    if (wanted && *wanted < 0)
        return refuse("InvalidArgument", "Argument max-keys must be an integer from 0");
    const std::size_t most = call.engine.suffers(FaultKind::ShortPages, "") ? kShortPage : kPage;
    return wanted ? std::min(most, static_cast<std::size_t>(*wanted)) : most;
}

}  // namespace k3fleet::simcloud
