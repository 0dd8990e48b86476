#include "aws/credentials/ini.h"

#include <algorithm>

#include "base/text.h"

namespace k3fleet::credentials {
namespace {

constexpr std::string_view kBlank = " \t\r\f\v";

class Reader {
public:
    explicit Reader(const std::string& file) : file_(file) {}

    Status line(std::string_view text);
    Result<std::vector<IniSection>> finish();

private:
    Status section(std::string_view text);
    Status property(std::string_view text);
    Status close_value();
    Status nested_properties();
    std::unexpected<Error> wrong(int line, std::string_view what) const {
        return fail(ErrorCode::InvalidArgument, format("{}:{}: {}", file_, line, what));
    }

    struct Continued {
        std::string text;
        int line;
    };

    const std::string& file_;
    int number_ = 0;
    std::vector<IniSection> sections_;
    std::size_t indent_ = 0;     // Of the last section or key; lines indented further go on with its value.
    IniValue* value_ = nullptr;  // The one that they belong to.
    std::vector<Continued> more_;
};

Status Reader::line(std::string_view text) {
    ++number_;
    const std::string_view bare = trim(text);
    if (bare.empty() && value_ != nullptr) more_.push_back({"", number_});
    if (bare.empty() || bare.front() == '#' || bare.front() == ';') return {};
    const std::size_t indent = text.find_first_not_of(kBlank);
    if (indent > indent_ && value_ != nullptr) {
        more_.push_back({std::string(bare), number_});
        return {};
    }
    indent_ = indent;
    K3F_TRY(close_value());
    return bare.front() == '[' ? section(bare) : property(bare);
}

Status Reader::section(std::string_view text) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return wrong(number_, "the section's name does not end with ]");
    const std::string name(trim(text.substr(1, end - 1)));
    if (name.empty()) return wrong(number_, "the section has no name");
    const auto first = std::ranges::find(sections_, name, &IniSection::name);
    if (first != sections_.end())
        return wrong(number_,
                     format("there is a section [{}] already, in line {}; join the two", name, first->line));
    sections_.push_back({.name = name, .line = number_, .values = {}});
    return {};
}

Status Reader::property(std::string_view text) {
    if (sections_.empty())
        return wrong(number_, "there must be a section such as [default] before the first setting");
    const auto delimiter = text.find_first_of("=:");
    const std::string key = lower(trim(text.substr(0, delimiter)));
    if (delimiter == std::string_view::npos || key.empty())
        return wrong(number_, "this is neither a [section] nor `key = value`");
    auto& values = sections_.back().values;
    if (const auto first = values.find(key); first != values.end())
        return wrong(number_, format("{} is set already, in line {}", key, first->second.line));
    value_ = &values[key];
    value_->line = number_;
    value_->text = trim(text.substr(delimiter + 1));
    return {};
}

Status Reader::nested_properties() {
    for (const auto& [text, line] : more_) {
        if (text.empty()) continue;
        const auto delimiter = text.find('=');
        const std::string key = lower(trim(std::string_view(text).substr(0, delimiter)));
        if (delimiter == std::string::npos || key.empty())
            return wrong(line, "an indented line below a setting without a value must be `key = value`");
        if (!value_->nested.emplace(key, trim(std::string_view(text).substr(delimiter + 1))).second)
            return wrong(line, format("{} is set already, a few lines above", key));
    }
    return {};
}

Status Reader::close_value() {
    if (value_ == nullptr) return {};
    while (!more_.empty() && more_.back().text.empty()) more_.pop_back();
    if (value_->text.empty()) {
        K3F_TRY(nested_properties());
    } else {
        for (const auto& continued : more_) value_->text += "\n" + continued.text;
    }
    more_.clear();
    value_ = nullptr;
    return {};
}

Result<std::vector<IniSection>> Reader::finish() {
    K3F_TRY(close_value());
    return std::move(sections_);
}

}  // namespace

Result<std::vector<IniSection>> parse_ini(std::string_view text, const std::string& file) {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    Reader reader(file);
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        K3F_TRY(reader.line(text.substr(0, end)));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return reader.finish();
}

Result<std::vector<std::string>> split_words(std::string_view text) {
    std::vector<std::string> words;
    std::string word;
    bool begun = false;
    char quote = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quote == 0 && (c == ' ' || c == '\t' || c == '\n' || c == '\r')) {
            if (begun) words.push_back(std::move(word));
            word.clear();
            begun = false;
            continue;
        }
        begun = true;
        if (c == quote) {
            quote = 0;
        } else if (quote == 0 && (c == '"' || c == '\'')) {
            quote = c;
        } else if (c == '\\' && quote != '\'') {
            if (i + 1 == text.size()) return fail(ErrorCode::InvalidArgument, "a backslash ends the text");
            const char next = text[++i];
            // Inside double quotes only these two are escaped, as in a POSIX shell without expansion.
            if (quote == '"' && next != '"' && next != '\\') word += '\\';
            word += next;
        } else {
            word += c;
        }
    }
    if (quote != 0) return fail(ErrorCode::InvalidArgument, format("a quote ({}) does not end", quote));
    if (begun) words.push_back(std::move(word));
    return words;
}

}  // namespace k3fleet::credentials
