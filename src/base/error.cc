#include "base/error.h"

#include <utility>

#include "base/text.h"

namespace k3fleet {

std::string_view to_string(ErrorCode code) {
    switch (code) {
        case ErrorCode::InvalidArgument: return "invalid-argument";
        case ErrorCode::NotFound: return "not-found";
        case ErrorCode::Conflict: return "conflict";
        case ErrorCode::Refused: return "refused";
        case ErrorCode::PermissionDenied: return "permission-denied";
        case ErrorCode::Throttled: return "throttled";
        case ErrorCode::NoCapacity: return "no-capacity";
        case ErrorCode::Unavailable: return "unavailable";
        case ErrorCode::DeadlineExceeded: return "deadline-exceeded";
        case ErrorCode::Cancelled: return "cancelled";
        case ErrorCode::Corrupt: return "corrupt";
        case ErrorCode::Internal: return "internal";
    }
    return "internal";
}

Error&& Error::with(std::string what) && {
    trail.push_back(std::move(what));
    return std::move(*this);
}

namespace {

// Lines joined by semicolons, and blanks that lined something up taken out.
std::string on_one_line(std::string_view text) {
    std::string line;
    for (const std::string& part : split(text, '\n')) {
        std::string words;
        for (const std::string& word : split(part, ' ')) {
            if (!words.empty() && !word.empty()) words += ' ';
            words += word;
        }
        if (words.empty()) continue;
        if (!line.empty()) line += std::string_view(":;,.").contains(line.back()) ? " " : "; ";
        line += words;
    }
    return line;
}

}  // namespace

std::string Error::describe() const {
    std::string text = on_one_line(message);
    if (trail.empty()) return text;
    text += " (";
    for (auto it = trail.rbegin(); it != trail.rend(); ++it) {
        if (it != trail.rbegin()) text += ", ";
        text += "while " + *it;
    }
    text += ")";
    return text;
}

}  // namespace k3fleet
