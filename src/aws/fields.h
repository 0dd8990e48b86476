// What generated structs are made of: members that know whether they are there.
//
// AWS tells "absent" from "empty" and from zero, so scalars and structures are std::optional, and lists and
// maps, which are read far more often than tested for presence, are containers with a mark: an empty one
// counts as absent unless it was marked.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace k3fleet::aws {

// An element of a list of booleans (a std::vector<bool> has no elements to point to); layout of a bool.
struct Flag {
    bool value = false;
    Flag() = default;
    Flag(bool v) : value(v) {}
    operator bool() const { return value; }
};

template <typename T>
class List : public std::vector<T> {
public:
    using std::vector<T>::vector;
    List() = default;
    List(std::vector<T> items) : std::vector<T>(std::move(items)), marked_(true) {}

    // Sent, or was in the answer: always if there are elements.
    bool present() const { return marked_ || !this->empty(); }
    void mark_present() { marked_ = true; }

private:
    bool marked_ = false;
};

// Ordered by key, so that what is sent is the same to the byte each time.
template <typename T>
class Map : public std::map<std::string, T> {
public:
    using std::map<std::string, T>::map;
    Map() = default;

    bool present() const { return marked_ || !this->empty(); }
    void mark_present() { marked_ = true; }

private:
    bool marked_ = false;
};

// An optional structure that may contain itself. Copies are deep.
template <typename T>
class Boxed {
public:
    Boxed() = default;
    Boxed(T value) : value_(std::make_unique<T>(std::move(value))) {}
    Boxed(const Boxed& other) : value_(other.value_ ? std::make_unique<T>(*other.value_) : nullptr) {}
    Boxed(Boxed&&) noexcept = default;
    Boxed& operator=(const Boxed& other) { return *this = Boxed(other); }
    Boxed& operator=(Boxed&&) noexcept = default;

    bool has_value() const { return value_ != nullptr; }
    explicit operator bool() const { return has_value(); }
    T& operator*() { return *value_; }
    const T& operator*() const { return *value_; }
    T* operator->() { return value_.get(); }
    const T* operator->() const { return value_.get(); }
    T& emplace() {
        value_ = std::make_unique<T>();
        return *value_;
    }

private:
    std::unique_ptr<T> value_;
};

}  // namespace k3fleet::aws
