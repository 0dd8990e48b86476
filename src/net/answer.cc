// On Boost.Beast's parser; the only file that includes it.
#include "net/answer.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/text.h"

namespace k3fleet::net {

namespace {

namespace http = boost::beast::http;
using ErrorOf = boost::system::error_code;

constexpr std::uint32_t kMaxHeadBytes = 128U << 10;
constexpr int kMaxInterim = 8;  // Answers 1xx before the real one.
// Of the last chunk, "0 CRLF CRLF".
// Beast 1.81 asserts that it gets as many once it has seen the first line of it.
constexpr std::size_t kShortestEnd = 5;

}  // namespace

struct AnswerReader::Parsing {
    http::response_parser<http::string_body> parser;
};

AnswerReader::AnswerReader(Options options) : options_(std::move(options)) { begin(); }

AnswerReader::~AnswerReader() = default;

void AnswerReader::begin() {
    parsing_ = std::make_unique<Parsing>();
    auto& parser = parsing_->parser;
    parser.eager(true);
    parser.header_limit(kMaxHeadBytes);
    parser.body_limit(options_.max_body_bytes);
    parser.skip(!options_.has_body);
}

bool AnswerReader::done() const { return done_; }

bool AnswerReader::reusable() const { return done_ && rest_.empty() && parsing_->parser.keep_alive(); }

// Beast's parser is done.
Status AnswerReader::after_one() {
    const auto status = parsing_->parser.get().result_int();
    if (status >= 200) {
        done_ = true;
        return {};
    }
    // 101 ends HTTP, and nobody asked for that.
    if (status == 101 || ++interim_ > kMaxInterim)
        return fail(ErrorCode::Corrupt,
                    format("{} answers only with interim status {}", options_.peer, status));
    begin();
    return {};
}

Status AnswerReader::take(std::string_view bytes) {
    const std::string joined = rest_.empty() ? std::string() : std::exchange(rest_, {}) + std::string(bytes);
    if (!joined.empty()) bytes = joined;
    if (!joined.empty() && joined.size() < kShortestEnd && parsing_->parser.is_header_done()) {
        rest_ = joined;  // Of a chunked body, which goes on for longer than this or ends with as much.
        return {};
    }
    while (!bytes.empty() && !done_) {
        ErrorOf error;
        const auto used = parsing_->parser.put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
        bytes.remove_prefix(used);
        if (error == http::error::need_more) break;
        if (error == http::error::body_limit)
            return fail(ErrorCode::Corrupt, format("the answer of {} is larger than {} bytes", options_.peer,
                                                   options_.max_body_bytes));
        if (error)
            return fail(
                ErrorCode::Corrupt,
                format("{} does not answer in HTTP/1.1: {}; check the address and the port, and whether it "
                       "must be https",
                       options_.peer, error.message()));
        if (parsing_->parser.is_done())
            K3F_TRY(after_one());
        else if (used == 0)
            break;
    }
    rest_ = bytes;
    return {};
}

Status AnswerReader::end() {
    if (done_) return {};
    auto& parser = parsing_->parser;
    if (parser.got_some()) {  // Not after an interim answer with nothing behind it: Beast asserts.
        ErrorOf incomplete;
        parser.put_eof(incomplete);
        if (!incomplete && parser.is_done()) K3F_TRY(after_one());
        if (done_) return {};
    }
    return fail(ErrorCode::Unavailable,
                format("{} ended the connection in the middle of the answer", options_.peer));
}

HttpResponse AnswerReader::response() {
    K3F_CHECK(done_);
    auto& message = parsing_->parser.get();
    HttpResponse response{.status = static_cast<int>(message.result_int())};
    for (const auto& field : message) response.headers.emplace_back(field.name_string(), field.value());
    response.body = std::move(message.body());
    return response;
}

}  // namespace k3fleet::net
