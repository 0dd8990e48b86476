#include "app/function_code.h"

#include <elf.h>

#include <cstring>
#include <memory>

#include "base/crypto.h"
#include "base/text.h"
#include "base/zip.h"

namespace k3fleet::app {

namespace {

// What to do about a program that cannot be a function's.
constexpr const char* kInstead =
    "use a release of k3fleet, which scripts/build makes as build/release/bin/k3fleet, or give its zip with "
    "--function-code FILE";

Status fits(std::string_view what, std::size_t bytes, std::size_t most) {
    if (bytes <= most) return {};
    return fail(ErrorCode::Refused, format("{} is {} MiB large, and functions take {} MiB at most\n{}", what,
                                           bytes >> 20, most >> 20, kInstead));
}

Result<std::string> architecture_of(std::string_view file) {
    Elf64_Ehdr head{};
    if (file.size() < sizeof head || !file.starts_with(ELFMAG))
        return fail(ErrorCode::Refused, "functions run on Linux, and this is no program for it");
    std::memcpy(&head, file.data(), sizeof head);
    for (std::size_t i = 0; i < head.e_phnum; ++i) {
        Elf64_Phdr part{};
        const std::size_t at = head.e_phoff + i * head.e_phentsize;
        if (at + sizeof part > file.size()) break;
        std::memcpy(&part, file.data() + at, sizeof part);
        if (part.p_type == PT_INTERP)
            return fail(ErrorCode::Refused,
                        format("this build of k3fleet needs libraries of its system, and functions take the "
                               "static one\n{}",
                               kInstead));
    }
    if (head.e_machine == EM_AARCH64) return "arm64";
    if (head.e_machine == EM_X86_64) return "x86_64";
    return fail(ErrorCode::Refused, "functions run on arm64 and x86-64 only");
}

}  // namespace

Result<resources::FunctionCode> function_code_of_program(std::string_view executable) {
    std::string architecture = K3F_TRY(architecture_of(executable));
    K3F_TRY(fits("this build of k3fleet", executable.size(), kMaxProgramBytes));
    return function_code_of_zip(zip_of("bootstrap", executable), std::move(architecture));
}

Result<resources::FunctionCode> function_code_of_zip(std::string zip, std::string architecture) {
    K3F_TRY(fits("the functions' code, packed,", zip.size(), kMaxZipBytes));
    const crypto::Digest digest = crypto::sha256(zip);
    const std::string bytes(digest.begin(), digest.end());
    return resources::FunctionCode{.zip = std::make_shared<const std::string>(std::move(zip)),
                                   .sha256 = crypto::to_base64(bytes),
                                   .architecture = std::move(architecture)};
}

}  // namespace k3fleet::app
