// One line, rewritten in place.
#include "cli/progress.h"

#include "base/text.h"
#include "cli/table.h"

namespace k3fleet::cli {

bool Progress::live() const {
    return session_.host.err_audience == Audience::Person &&
           session_.settings.verbosity == Verbosity::Normal && session_.host.variable("TERM") != "dumb";
}

void Progress::update(Timestamp now, const std::string& text) {
    if (session_.settings.verbosity == Verbosity::Quiet) return;
    if (!began_) began_ = now;
    const std::string waited = to_rough_string(now - *began_);
    if (!live()) {
        if (text != last_) session_.remark(format("[{}] {}", waited, text));
        last_ = text;
        return;
    }
    std::string line = printable(format("[{}] {}", waited, text));
    // A line that wraps could not be taken away again.
    while (display_width(line) >= session_.host.width) line.pop_back();
    session_.host.err.write("\r\x1b[K" + line);
    shown_ = true;
}

void Progress::clear() {
    if (shown_) session_.host.err.write("\r\x1b[K");
    shown_ = false;
}

}  // namespace k3fleet::cli
