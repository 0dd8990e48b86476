// What generated structs are made of: members that know whether they are there.
//
// AWS tells "absent" from "empty" and from zero, so scalars are std::optional, structures are Boxed, and
// lists and maps, which are read far more often than tested for presence, are containers with a mark: an
// empty one counts as absent unless it was marked.
#pragma once

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <map>
#include <new>
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

// A list that says whether it is there. Reads and grows like a std::vector, but is made for hundreds of
// element types in one program: a member is instantiated only where it is used, which halves the time to
// compile the client.
template <typename T>
class List {
public:
    using value_type = T;
    using size_type = std::size_t;
    using difference_type = std::ptrdiff_t;
    using reference = T&;
    using const_reference = const T&;
    using iterator = T*;
    using const_iterator = const T*;

    List() = default;
    List(std::initializer_list<T> items) : List(items.begin(), items.end()) {}
    List(const std::vector<T>& items) : List(items.begin(), items.end()) { marked_ = true; }
    template <std::input_iterator It>
    List(It first, It last) : List() {
        reserve(static_cast<std::size_t>(std::distance(first, last)));
        for (; first != last; ++first) emplace_back(*first);
    }
    List(const List& other) : List(other.begin(), other.end()) { marked_ = other.marked_; }
    List(List&& other) noexcept { swap(other); }
    List& operator=(List other) noexcept {
        swap(other);
        return *this;
    }
    ~List() { release(); }

    // Sent, or was in the answer: always if there are elements.
    bool present() const { return marked_ || size_ != 0; }
    void mark_present() { marked_ = true; }

    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    T* data() { return data_; }
    const T* data() const { return data_; }
    T* begin() { return data_; }
    T* end() { return data_ + size_; }
    const T* begin() const { return data_; }
    const T* end() const { return data_ + size_; }
    T& operator[](std::size_t index) { return data_[index]; }
    const T& operator[](std::size_t index) const { return data_[index]; }
    T& front() { return data_[0]; }
    const T& front() const { return data_[0]; }
    T& back() { return data_[size_ - 1]; }
    const T& back() const { return data_[size_ - 1]; }

    template <typename... Arguments>
    T& emplace_back(Arguments&&... arguments) {
        if (size_ < capacity_) return *new (data_ + size_++) T(std::forward<Arguments>(arguments)...);
        T fresh(std::forward<Arguments>(arguments)...);  // First: it may be made from an element.
        reserve(size_ < 4 ? 4 : 2 * size_);
        return *new (data_ + size_++) T(std::move(fresh));
    }
    void push_back(const T& item) { emplace_back(item); }
    void push_back(T&& item) { emplace_back(std::move(item)); }
    void pop_back() { data_[--size_].~T(); }
    void erase(T* item) {
        for (; item + 1 != end(); ++item) *item = std::move(item[1]);
        pop_back();
    }
    void clear() {
        while (size_ != 0) pop_back();
    }
    void reserve(std::size_t capacity) {
        if (capacity <= capacity_) return;
        static_assert(alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);
        T* moved = static_cast<T*>(::operator new(capacity * sizeof(T)));
        for (std::size_t i = 0; i < size_; ++i) {
            new (moved + i) T(std::move(data_[i]));
            data_[i].~T();
        }
        ::operator delete(data_);
        data_ = moved;
        capacity_ = capacity;
    }
    void swap(List& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        std::swap(capacity_, other.capacity_);
        std::swap(marked_, other.marked_);
    }

    friend bool operator==(const List& a, const List& b) {
        return std::equal(a.begin(), a.end(), b.begin(), b.end());
    }

private:
    void release() {
        clear();
        ::operator delete(data_);
    }

    T* data_ = nullptr;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
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

// A structure that may be absent, and may contain itself. On the heap, so that a struct of many absent ones
// is small; copies are deep. Its members are instantiated only where they are used: hundreds of
// std::optional<Struct> take a compiler half a minute (measured with g++ 12).
template <typename T>
class Boxed {
public:
    Boxed() = default;
    Boxed(std::nullopt_t) {}
    Boxed(T value) : value_(new T(std::move(value))) {}
    Boxed(const Boxed& other) : value_(other.value_ == nullptr ? nullptr : new T(*other.value_)) {}
    Boxed(Boxed&& other) noexcept : value_(std::exchange(other.value_, nullptr)) {}
    Boxed& operator=(Boxed other) noexcept {
        std::swap(value_, other.value_);
        return *this;
    }
    ~Boxed() { delete value_; }

    bool has_value() const { return value_ != nullptr; }
    explicit operator bool() const { return has_value(); }
    T& operator*() { return *value_; }
    const T& operator*() const { return *value_; }
    T* operator->() { return value_; }
    const T* operator->() const { return value_; }
    T& emplace() {
        T* fresh = new T{};
        delete std::exchange(value_, fresh);
        return *value_;
    }
    void reset() { delete std::exchange(value_, nullptr); }

private:
    T* value_ = nullptr;
};

}  // namespace k3fleet::aws
