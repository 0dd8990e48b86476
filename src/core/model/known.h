// What we know, and since when; or that we do not know, and why.
//
// An observation that failed is Unknown. It is never an empty list and never zero: code that wants the value
// has to say what it does without it.
#pragma once

#include <concepts>
#include <string>
#include <utility>
#include <variant>

#include "base/check.h"
#include "base/result.h"
#include "base/time.h"

namespace k3fleet::model {

struct Unknown {
    std::string why;  // For people: "Prometheus did not answer within 5s".
    friend bool operator==(const Unknown&, const Unknown&) = default;
};

template <typename T>
class Observed {
public:
    Observed() : data_(Unknown{"not observed"}) {}
    Observed(Unknown unknown) : data_(std::move(unknown)) {}
    Observed(T value, Timestamp as_of) : data_(Known{std::move(value), as_of}) {}

    bool known() const { return std::holds_alternative<Known>(data_); }
    explicit operator bool() const { return known(); }

    const T& value() const {
        K3F_CHECK(known());
        return std::get<Known>(data_).value;
    }
    const T& operator*() const { return value(); }
    const T* operator->() const { return &value(); }
    Timestamp as_of() const {
        K3F_CHECK(known());
        return std::get<Known>(data_).as_of;
    }
    // Changes the value where it stands, and says of when it is now: for a world that is followed in place (a
    // backtest of a year) instead of being observed anew.
    T& edit(Timestamp as_of) {
        K3F_CHECK(known());
        auto& known_value = std::get<Known>(data_);
        known_value.as_of = as_of;
        return known_value.value;
    }
    // Why it is not known; empty when it is.
    std::string why() const { return known() ? std::string() : std::get<Unknown>(data_).why; }

    friend bool operator==(const Observed&, const Observed&) = default;

private:
    struct Known {
        T value;
        Timestamp as_of;
        friend bool operator==(const Known&, const Known&) = default;
    };
    std::variant<Known, Unknown> data_;
};

// What a call said, and when; or why it failed.
template <typename T>
Observed<T> observed(Result<T> result, Timestamp at) {
    if (result) return {*std::move(result), at};
    return Unknown{result.error().describe()};
}

}  // namespace k3fleet::model
