// The log: what a line looks like, and that no secret gets into one.
#include "base/log.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"

namespace k3fleet {
namespace {

class LogTest : public testing::Test {
protected:
    ~LogTest() override { log::configure(log::Level::Info, log::Style::Human); }

    static std::string written(auto&& action) {
        testing::internal::CaptureStderr();
        action();
        return testing::internal::GetCapturedStderr();
    }
};

// Made at run time: nothing that looks like a secret stands in the source.
std::string some_secret(std::string_view name) { return crypto::sha256_hex(name).substr(0, 20); }

TEST_F(LogTest, HumanLinesAreShort) {
    log::configure(log::Level::Info, log::Style::Human);
    EXPECT_EQ(
        written([] { log::warn("no answer", {{"from", "prometheus"}, {"after", "5 s"}, {"code", ""}}); }),
        "warning: no answer from=prometheus after=\"5 s\" code=\"\"\n");
    EXPECT_EQ(written([] { log::error("{} is not a format string"); }), "error: {} is not a format string\n");
}

TEST_F(LogTest, TheThresholdHolds) {
    log::configure(log::Level::Warn, log::Style::Human);
    EXPECT_EQ(written([] {
                  log::debug("d");
                  log::info("i");
                  log::warn("w");
                  log::error("e");
              }),
              "warning: w\nerror: e\n");
    log::configure(log::Level::Debug, log::Style::Human);
    EXPECT_EQ(written([] { log::debug("d"); }), "debug: d\n");
}

TEST_F(LogTest, JsonLinesAreJson) {
    log::configure(log::Level::Info, log::Style::JsonLines);
    const auto line =
        written([] { log::info("a \"b\"\n\xff", {{"node", "n1"}, {"level", "high"}, {"node", "n2"}}); });
    ASSERT_EQ(line.find('\n'), line.size() - 1);
    const auto value = json::parse(line);
    ASSERT_TRUE(value) << line;
    EXPECT_TRUE(parse_timestamp(value->string_at("time"))) << line;
    EXPECT_EQ(value->string_at("level"), "info");
    EXPECT_EQ(value->string_at("message"), "a \"b\"\n\uFFFD");
    EXPECT_EQ(value->string_at("node"), "n1");
    EXPECT_EQ(value->string_at("node_"), "n2");
    EXPECT_EQ(value->string_at("level_"), "high");
}

TEST_F(LogTest, TextFromElsewhereCannotControlTheTerminal) {
    EXPECT_EQ(written([] { log::info("a\x1b[31mb\r\x07 é\n\xc2\x9b\xff", {{"k", "x\ny"}}); }),
              "info: a\\x1b[31mb\\x0d\\x07 é\n  \\xc2\\x9b\\xff k=\"x\\ny\"\n");
}

TEST_F(LogTest, SecretsAreHiddenEverywhere) {
    const std::string inner = some_secret("inner");
    const std::string outer = "<" + inner + "\"\\>";
    log::redact(Secret(inner));
    log::redact(Secret(outer));
    log::redact(Secret());
    EXPECT_EQ(log::redacted("a " + outer + inner + inner.substr(1)),
              "a [redacted][redacted]" + inner.substr(1));
    EXPECT_EQ(log::redacted(json::quoted(outer)), "\"[redacted]\"");
    EXPECT_EQ(log::redacted(""), "");
    for (const auto style : {log::Style::Human, log::Style::JsonLines}) {
        log::configure(log::Level::Info, style);
        const auto line =
            written([&] { log::error("refused: " + outer, {{"header", "Bearer " + inner}, {"k", outer}}); });
        EXPECT_EQ(line.find(inner), std::string::npos) << line;
        EXPECT_NE(line.find("Bearer [redacted]"), std::string::npos) << line;
    }
}

TEST_F(LogTest, LinesOfSeveralThreadsStayWhole) {
    const auto text = written([] {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([t] {
                for (int i = 0; i < 100; ++i) {
                    log::info("line", {{"thread", format("{}", t)}, {"end", "x"}});
                    if (i % 25 == 0) log::redact(Secret(some_secret(format("{} {}", t, i))));
                }
            });
        }
    });
    auto lines = split(text, '\n');
    ASSERT_EQ(lines.size(), 401U);
    lines.pop_back();
    for (const auto& line : lines) {
        EXPECT_TRUE(line.starts_with("info: line thread=") && line.ends_with(" end=x")) << line;
    }
}

}  // namespace
}  // namespace k3fleet
