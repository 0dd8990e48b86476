#include "adapters/simcloud/aws/function_package.h"

#include <optional>

#include "adapters/simcloud/aws/service.h"
#include "base/crypto.h"
#include "base/text.h"

namespace k3fleet::simcloud {
namespace {

constexpr std::size_t kMaxZipped = 52'428'800;
constexpr std::uint64_t kMaxUnzipped = 262'144'000;

constexpr std::size_t kEndSize = 22;  // Of the record at an archive's end, without its comment.
constexpr std::size_t kMaxComment = 65'535;
constexpr std::size_t kEntrySize = 46;  // In the directory, without name, extra field and comment.
constexpr std::uint32_t kEndMark = 0x06054b50;
constexpr std::uint32_t kEntryMark = 0x02014b50;
constexpr std::uint32_t kFileMark = 0x04034b50;

// Little-endian; the caller has made sure that it is there.
std::uint32_t number_at(std::string_view bytes, std::size_t at, std::size_t width) {
    std::uint32_t value = 0;
    for (std::size_t i = width; i-- > 0;) value = value << 8U | static_cast<std::uint8_t>(bytes[at + i]);
    return value;
}
std::uint32_t word_at(std::string_view bytes, std::size_t at) { return number_at(bytes, at, 4); }
std::uint32_t half_at(std::string_view bytes, std::size_t at) { return number_at(bytes, at, 2); }

struct Contents {
    std::uint32_t entries = 0;
    std::uint64_t unzipped = 0;
};

std::optional<std::size_t> find_end(std::string_view zip) {
    if (zip.size() < kEndSize) return std::nullopt;
    const std::size_t last = zip.size() - kEndSize;
    for (std::size_t comment = 0; comment <= std::min(last, kMaxComment); ++comment)
        if (word_at(zip, last - comment) == kEndMark && half_at(zip, last - comment + 20) == comment)
            return last - comment;
    return std::nullopt;
}

// Empty: it is no archive, or a damaged one.
std::optional<Contents> look_into(std::string_view zip) {
    const auto end = find_end(zip);
    if (!end) return std::nullopt;
    Contents contents{.entries = half_at(zip, *end + 10)};
    std::size_t at = word_at(zip, *end + 16);
    for (std::uint32_t i = 0; i < contents.entries; ++i) {
        if (at + kEntrySize > *end || word_at(zip, at) != kEntryMark) return std::nullopt;
        const std::size_t file = word_at(zip, at + 42);
        if (file + 4 > *end || word_at(zip, file) != kFileMark) return std::nullopt;
        contents.unzipped += word_at(zip, at + 24);
        at += kEntrySize + half_at(zip, at + 28) + half_at(zip, at + 30) + half_at(zip, at + 32);
    }
    return at <= *end ? std::optional(contents) : std::nullopt;
}

}  // namespace

Result<FunctionPackage> read_package(std::string_view zip) {
    constexpr std::string_view kInvalid = "InvalidParameterValueException";
    if (zip.size() > kMaxZipped)
        return refuse("RequestEntityTooLargeException",
                      format("Zipped size must be smaller than {} bytes", kMaxZipped), 413);
    const auto contents = look_into(zip);
    if (!contents)
        return refuse(kInvalid,
                      "Could not unzip uploaded file. Please check your file, then try to upload again.");
    if (contents->entries == 0) return refuse(kInvalid, "Uploaded file must be a non-empty zip");
    if (contents->unzipped > kMaxUnzipped)
        return refuse(kInvalid, format("Unzipped size must be smaller than {} bytes", kMaxUnzipped));
    const auto digest = crypto::sha256(zip);
    return FunctionPackage{
        .digest = crypto::to_base64({reinterpret_cast<const char*>(digest.data()), digest.size()}),
        .size = static_cast<std::int64_t>(zip.size())};
}

}  // namespace k3fleet::simcloud
