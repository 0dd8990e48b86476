#include "app/function_code.h"

#include <elf.h>
#include <gtest/gtest.h>

#include <cstring>

namespace k3fleet::app {
namespace {

// As much of a program as is looked at.
std::string program(std::uint16_t machine, std::uint32_t part) {
    Elf64_Ehdr head{};
    std::memcpy(head.e_ident, ELFMAG, SELFMAG);
    head.e_machine = machine;
    head.e_phoff = sizeof head;
    head.e_phentsize = sizeof(Elf64_Phdr);
    head.e_phnum = 1;
    Elf64_Phdr entry{};
    entry.p_type = part;
    std::string file(reinterpret_cast<const char*>(&head), sizeof head);
    return file.append(reinterpret_cast<const char*>(&entry), sizeof entry);
}

TEST(FunctionCode, IsTheProgramAsBootstrapForItsOwnMachine) {
    const auto arm = function_code_of_program(program(EM_AARCH64, PT_LOAD));
    ASSERT_TRUE(arm);
    EXPECT_EQ(arm->architecture, "arm64");
    EXPECT_EQ(arm->sha256.size(), 44u) << "base64 of 32 bytes";
    EXPECT_NE(arm->zip->find("bootstrap"), std::string::npos);
    EXPECT_EQ(function_code_of_program(program(EM_X86_64, PT_LOAD))->architecture, "x86_64");
}

TEST(FunctionCode, IsNoProgramThatNeedsALoaderOrRunsElsewhere) {
    EXPECT_FALSE(function_code_of_program(program(EM_AARCH64, PT_INTERP)));
    EXPECT_FALSE(function_code_of_program(program(EM_RISCV, PT_LOAD)));
    EXPECT_FALSE(
        function_code_of_program("#!/bin/sh\necho not a program, though long enough to be looked at\n"));
    EXPECT_FALSE(function_code_of_program(""));
}

// What is too large for Lambda is refused here, with what to do, and not after a long upload by AWS.
TEST(FunctionCode, IsNoLargerThanLambdaTakes) {
    std::string large = program(EM_AARCH64, PT_LOAD);
    large.resize(kMaxProgramBytes + 1);
    const auto refused = function_code_of_program(large);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::Refused);
    for (const char* said : {"250 MiB", "scripts/build", "--function-code FILE"})
        EXPECT_TRUE(refused.error().message.contains(said)) << refused.error().message;

    const auto packed = function_code_of_zip(std::string(kMaxZipBytes + 1, 'z'), "arm64");
    ASSERT_FALSE(packed);
    EXPECT_TRUE(packed.error().message.contains("50 MiB")) << packed.error().message;
    EXPECT_TRUE(packed.error().message.contains("--function-code FILE")) << packed.error().message;
    EXPECT_TRUE(function_code_of_zip(std::string(kMaxZipBytes, 'z'), "arm64"));
}

// Tests' programs are built as those that developers run: larger than any file that people write.
TEST(FunctionCode, OfABuildForDevelopersSaysWhatToDo) {
    std::string large = program(EM_X86_64, PT_INTERP);
    large.resize(kMaxProgramBytes + 1);
    EXPECT_TRUE(function_code_of_program(large).error().message.contains("scripts/build"));
}

}  // namespace
}  // namespace k3fleet::app
