// Answers in pieces of every size: the network may cut anywhere.
#include "net/answer.h"

#include <gtest/gtest.h>

namespace k3fleet::net {
namespace {

Result<HttpResponse> read(std::string_view bytes, std::size_t piece) {
    AnswerReader reader({.peer = "peer", .max_body_bytes = 1000});
    while (!bytes.empty() && !reader.done()) {
        K3F_TRY(reader.take(bytes.substr(0, piece)));
        bytes.remove_prefix(std::min(piece, bytes.size()));
    }
    if (!reader.done()) K3F_TRY(reader.end());
    return reader.response();
}

TEST(AnswerReader, ReadsTheSameHoweverTheBytesAreCut) {
    struct Case {
        const char* bytes;
        const char* body;
    };
    const Case cases[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", "abc"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", ""},
        {"HTTP/1.1 200 OK\r\n\r\nuntil the end", "until the end"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", ""},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0;x=y\r\n\r\n", ""},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n\r\n", ""},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", "abc"},
        {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 None\r\n\r\n", ""},
    };
    for (const auto& c : cases) {
        for (std::size_t piece = 1; piece <= 80; ++piece) {
            const auto answer = read(c.bytes, piece);
            ASSERT_TRUE(answer) << c.bytes << piece << answer.error().describe();
            EXPECT_EQ(answer->body, c.body) << c.bytes << piece;
        }
    }
}

TEST(AnswerReader, NoticesAnEndInTheMiddleWhereverItIs) {
    const std::string_view whole =
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: "
        "chunked\r\n\r\n1\r\na\r\n0\r\n\r\n";
    for (std::size_t length = 1; length < whole.size(); ++length) {
        for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, whole.size()}) {
            const auto answer = read(whole.substr(0, length), piece);
            ASSERT_FALSE(answer) << length;
            EXPECT_EQ(answer.error().code, ErrorCode::Unavailable) << length;
        }
    }
}

TEST(AnswerReader, RefusesDamagedEndsOfAChunkedBody) {
    for (const std::string_view end : {"0\r\nabc\r\n\r\n", "0\r\n \r\n\r\n", "0x\r\n\r\n", "\r\n0\r\n\r\n"}) {
        const std::string bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(end);
        for (std::size_t piece = 1; piece <= bytes.size(); ++piece)
            EXPECT_FALSE(read(bytes, piece)) << end << piece;
    }
}

}  // namespace
}  // namespace k3fleet::net
