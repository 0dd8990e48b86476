// A secret: its bytes are gone when it is, and it cannot reach a stream or a format string.
#include "base/secret.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <memory>
#include <ostream>
#include <string_view>

#include "base/text.h"

namespace k3fleet {
namespace {

template <typename T>
concept Streamable = requires(std::ostream& os, const T& value) { os << value; };

static_assert(!Streamable<Secret>);
static_assert(!fmt::is_formattable<Secret>::value);
static_assert(!std::equality_comparable<Secret>);
static_assert(!std::convertible_to<Secret, std::string>);
static_assert(!std::convertible_to<std::string, Secret>);

// Short enough to live inside the string object, so that the object's own bytes can be looked at afterwards.
constexpr std::string_view kText = "open sesame";

struct Place {
    alignas(Secret) std::byte bytes[sizeof(Secret)] = {};

    // Without the first byte, which a string that was moved from overwrites by itself.
    bool holds(std::string_view text) const {
        text.remove_prefix(1);
        const auto* first = reinterpret_cast<const char*>(bytes);
        return std::search(first, first + sizeof bytes, text.begin(), text.end()) != first + sizeof bytes;
    }
};

TEST(Secret, IsWipedWhenItGoes) {
    Place place;
    Secret* secret = std::construct_at(reinterpret_cast<Secret*>(place.bytes), std::string(kText));
    ASSERT_TRUE(place.holds(kText)) << "the test looks at the right bytes";
    std::destroy_at(secret);
    EXPECT_FALSE(place.holds(kText));
}

TEST(Secret, IsWipedWhenItMoves) {
    Place place;
    Secret* secret = std::construct_at(reinterpret_cast<Secret*>(place.bytes), std::string(kText));
    const Secret next = std::move(*secret);
    EXPECT_EQ(next.reveal(), kText);
    EXPECT_TRUE(secret->empty());
    EXPECT_FALSE(place.holds(kText));

    *secret = next;
    ASSERT_TRUE(place.holds(kText));
    Secret last;
    last = std::move(*secret);
    EXPECT_EQ(last.reveal(), kText);
    EXPECT_FALSE(place.holds(kText));

    *secret = last;
    *secret = Secret("x");
    EXPECT_FALSE(place.holds(kText.substr(1)));
    std::destroy_at(secret);
}

TEST(Secret, LongTextsSurviveCopyAndMove) {
    const std::string text(10'000, 's');
    Secret a(text);
    Secret b = a;
    Secret c = std::move(a);
    Secret& same = b;
    b = same;  // Assigning to itself must not lose the text.
    EXPECT_EQ(b.reveal(), text);
    EXPECT_EQ(c.reveal(), text);
    EXPECT_TRUE(a.empty());
    EXPECT_TRUE(Secret().empty());
}

}  // namespace
}  // namespace k3fleet
