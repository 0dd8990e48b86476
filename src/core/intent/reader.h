// Walks the table of fields over a document: fills the intent in and reports everything that does not fit.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/intent/fields.h"
#include "core/intent/session.h"

namespace k3fleet::intent {

// Reads one object of the document; sections and list items are read by readers of their own.
class Reader : public Visitor {
public:
    // `object` is null where the document leaves the section out: then only what is required is missed.
    Reader(Session& session, const Value* object, std::string path)
        : session_(session), object_(object), path_(std::move(path)) {}

    void fixed(const Field& field, std::string_view value) override;
    void integer(const Field& field, int& value, Range<int> range) override;
    void number(const Field& field, std::optional<double>& value, Range<double> range) override;
    void duration(const Field& field, Duration& value, Range<Duration> range) override;
    void choice(const Field& field, std::optional<std::size_t>& index,
                std::span<const std::string_view> words) override;
    void text(const Field& field, std::string& value, const TextRule& rule) override;
    void texts(const Field& field, std::vector<std::string>& value, const TextRule& rule,
               ListRule list) override;
    void text_map(const Field& field, std::map<std::string, std::string>& value, const TextRule& key,
                  const TextRule& item, std::size_t most) override;
    void section(const Field& field, const Section& describe) override;
    void objects(const Field& field, ListRule list, std::size_t size, const Item& describe) override;

    // Call when the table is through: reports members that no field took.
    void finish();

private:
    std::string path_of(std::string_view key) const;
    // The field's value; null if it is not there, which is reported if it is required: with what is allowed
    // and how a value could look.
    const Value* take(const Field& field, std::string_view allowed, std::string_view example = "");
    void wrong_kind(const std::string& path, const Value& value, std::string_view wanted,
                    std::string_view allowed, std::string remedy = "");
    // Reports and gives false if the text does not keep the rule. `what` says which text of the field it is.
    bool keeps(const std::string& path, const Value& value, const TextRule& rule);
    void report_unknown(const Member& member);
    void report_secret(const Member& member);

    Session& session_;
    const Value* object_;
    std::string path_;
    std::vector<std::string> keys_;  // Of the table, so far.
};

}  // namespace k3fleet::intent
