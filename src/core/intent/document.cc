// The way back: from an intent to the file that says everything, and the digest made of it.
#include <algorithm>
#include <cmath>

#include "base/crypto.h"
#include "base/json.h"
#include "core/intent/fields.h"
#include "core/intent/intent.h"

namespace k3fleet::intent {

namespace {

// Whole numbers are written without a fraction, as people write them.
Value number_value(double value) {
    if (std::abs(value) < 1e15 && value == std::floor(value)) return static_cast<std::int64_t>(value);
    return value;
}

class Writer : public Visitor {
public:
    explicit Writer(Value& out) : out_(out) { out_ = Value::object(); }

    void fixed(const Field& field, std::string_view value) override { out_.set(field.key, value); }
    void integer(const Field& field, int& value, Range<int>) override { out_.set(field.key, value); }
    void number(const Field& field, std::optional<double>& value, Range<double>) override {
        if (value) out_.set(field.key, number_value(*value));
    }
    void duration(const Field& field, Duration& value, Range<Duration>) override {
        out_.set(field.key, k3fleet::to_string(value));
    }
    void choice(const Field& field, std::optional<std::size_t>& index,
                std::span<const std::string_view> words) override {
        if (index) out_.set(field.key, words[*index]);
    }
    void text(const Field& field, std::string& value, const TextRule&) override {
        if (!value.empty()) out_.set(field.key, value);
    }
    void texts(const Field& field, std::vector<std::string>& value, const TextRule&, ListRule) override {
        Value list = Value::array();
        for (const auto& item : value) list.push(item);
        out_.set(field.key, std::move(list));
    }
    void text_map(const Field& field, std::map<std::string, std::string>& value, const TextRule&,
                  const TextRule&, std::size_t) override {
        Value map = Value::object();
        for (const auto& [key, item] : value) map.set(key, item);
        out_.set(field.key, std::move(map));
    }
    void section(const Field& field, const Section& describe) override {
        Value inner;
        Writer writer(inner);
        describe(writer);
        out_.set(field.key, std::move(inner));
    }
    void objects(const Field& field, ListRule, std::size_t size, const Item& describe) override {
        Value list = Value::array();
        for (std::size_t i = 0; i < size; ++i) {
            Value item;
            Writer writer(item);
            describe(i, writer);
            list.push(std::move(item));
        }
        out_.set(field.key, std::move(list));
    }

private:
    Value& out_;
};

}  // namespace

Value to_document(const model::ClusterIntent& intent) {
    ClusterDraft draft{intent, intent.network.egress};
    Value document;
    Writer writer(document);
    describe(writer, draft);
    return document;
}

Value to_document(const model::ProjectIntent& intent) {
    auto copy = intent;
    Value document;
    Writer writer(document);
    describe(writer, copy);
    return document;
}

std::string digest(const model::ClusterIntent& intent) {
    auto sorted = intent;
    std::stable_sort(sorted.pools.begin(), sorted.pools.end(),
                     [](const auto& a, const auto& b) { return a.name < b.name; });
    return crypto::sha256_hex(json::write(to_document(sorted)));
}

std::string digest(const model::ProjectIntent& intent) {
    return crypto::sha256_hex(json::write(to_document(intent)));
}

}  // namespace k3fleet::intent
