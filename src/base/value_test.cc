// The document value: access never converts, building keeps order.
#include "base/value.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/json.h"
#include "tests/support/property.h"
#include "tests/support/values.h"

namespace k3fleet {
namespace {

TEST(Value, AccessNeverConverts) {
    struct Row {
        Value value;
        bool boolean, whole, number, text;
    };
    const Row rows[] = {
        {Value(), false, false, false, false},         {Value(false), true, false, false, false},
        {Value(0), false, true, true, false},          {Value(1.0), false, false, true, false},
        {Value("1"), false, false, false, true},       {Value::array(), false, false, false, false},
        {Value::object(), false, false, false, false},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(row.value.as_bool().has_value(), row.boolean) << json::write(row.value);
        EXPECT_EQ(row.value.as_int().has_value(), row.whole) << json::write(row.value);
        EXPECT_EQ(row.value.as_double().has_value(), row.number) << json::write(row.value);
        EXPECT_EQ(row.value.as_string() != nullptr, row.text) << json::write(row.value);
        EXPECT_TRUE(row.value.items().empty());
        EXPECT_TRUE(row.value.members().empty());
    }
    EXPECT_EQ(Value(7).as_double(), 7.0);
}

TEST(Value, NamesItsKindForPeople) {
    EXPECT_EQ(Value().kind_name(), "nothing");
    EXPECT_EQ(Value(true).kind_name(), "true or false");
    EXPECT_EQ(Value(1).kind_name(), "a whole number");
    EXPECT_EQ(Value(1.5).kind_name(), "a number");
    EXPECT_EQ(Value("x").kind_name(), "a text");
    EXPECT_EQ(Value::array().kind_name(), "a list");
    EXPECT_EQ(Value::object().kind_name(), "a mapping");
}

TEST(Value, PathsWalkMappings) {
    const Value value =
        Value::object({{"a", Value::object({{"b", Value::object({{"c", "deep"}})}, {"n", 1}})}});
    EXPECT_EQ(value.string_at("a.b.c"), "deep");
    EXPECT_EQ(value.string_at("a.n", "none"), "none");
    EXPECT_EQ(value.path("a.x.c"), nullptr);
    EXPECT_EQ(value.path("a.b.c.d"), nullptr);
    EXPECT_EQ(value.path(""), nullptr);
    EXPECT_EQ(Value(1).find("a"), nullptr);
    ASSERT_NE(value.path("a.n"), nullptr);
    EXPECT_EQ(*value.path("a.n"), Value(1));
}

TEST(Value, SettingReplacesInPlaceAndAppendsOtherwise) {
    Value value;
    value.set("z", 1).set("a", 2).set("z", 3);
    EXPECT_EQ(json::write(value), R"({"z":3,"a":2})");
    Value list;
    list.push(1).push("x");
    EXPECT_EQ(json::write(list), R"([1,"x"])");
}

TEST(ValueDeathTest, SettingAMemberOfAListIsABug) {
    EXPECT_DEATH(Value::array().set("a", 1), "only an object has members");
    EXPECT_DEATH(Value("x").push(1), "only an array has items");
}

TEST(Value, EqualityLooksAtKindContentAndOrder) {
    EXPECT_NE(Value(1), Value(1.0));
    EXPECT_NE(Value(), Value(false));
    EXPECT_NE(Value::array(), Value::object());
    EXPECT_NE(Value::object({{"a", 1}, {"b", 2}}), Value::object({{"b", 2}, {"a", 1}}));
    EXPECT_EQ(Value::array({1, Value(std::nan(""))}), Value::array({1, Value(std::nan(""))}));
    Value here(1);
    here.position = {3, 4};
    EXPECT_EQ(here, Value(1));
}

TEST(ValueProperty, EqualExactlyWhenWrittenTheSame) {
    testing_support::property([] {
        const Value a = *testing_support::arbitrary_value();
        const Value b = *testing_support::arbitrary_value();
        const Value copy = a;
        RC_ASSERT(copy == a);
        RC_ASSERT((a == b) == (json::write(a) == json::write(b)));
    });
}

}  // namespace
}  // namespace k3fleet
