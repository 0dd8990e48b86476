// Reads one HTTP/1.1 answer from bytes as they come, whoever they come from. Internal to net.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http.h"

namespace k3fleet::net {

class AnswerReader {
public:
    struct Options {
        std::string peer;      // For messages.
        bool has_body = true;  // False for the answer to a HEAD, whatever its headers say.
        std::size_t max_body_bytes = 0;
    };

    explicit AnswerReader(Options options);
    ~AnswerReader();
    AnswerReader(const AnswerReader&) = delete;
    AnswerReader& operator=(const AnswerReader&) = delete;

    // The next bytes. Corrupt: they are no HTTP, ambiguous (two lengths), or more than allowed; the reader is
    // of no more use then. Interim answers (1xx) are read over.
    Status take(std::string_view bytes);
    // The peer ended the stream in good order. Unavailable if the answer is not complete with that.
    Status end();

    bool done() const;
    // Done, nothing behind it, and the peer lets the connection be used again.
    bool reusable() const;
    // Once, when it is done. Trailers stand among the headers.
    HttpResponse response();

private:
    struct Parsing;
    void begin();
    Status after_one();

    const Options options_;
    std::unique_ptr<Parsing> parsing_;
    std::string rest_;  // Bytes of an incomplete line, or behind the answer.
    int interim_ = 0;
    bool done_ = false;
};

}  // namespace k3fleet::net
