#include "aws/wire/text.h"

#include <gtest/gtest.h>

namespace k3fleet::wire {
namespace {

TEST(WireTextTest, TimestampsAreWrittenInThreeFormats) {
    const Timestamp whole = from_unix_seconds(1'398'796'238), part = whole + Duration{50};
    EXPECT_EQ(timestamp_text(whole, TimestampFormat::Iso8601), "2014-04-29T18:30:38Z");
    EXPECT_EQ(timestamp_text(whole, TimestampFormat::UnixSeconds), "1398796238");
    EXPECT_EQ(timestamp_text(whole, TimestampFormat::Rfc822), "Tue, 29 Apr 2014 18:30:38 GMT");
    EXPECT_EQ(timestamp_text(part, TimestampFormat::UnixSeconds), "1398796238.050");
    EXPECT_EQ(timestamp_text(part, TimestampFormat::Rfc822), "Tue, 29 Apr 2014 18:30:38 GMT");
    EXPECT_EQ(timestamp_text(from_unix_millis(-500), TimestampFormat::UnixSeconds), "-0.5");
}

TEST(WireTextTest, TimestampsAreReadInAnyFormat) {
    const Timestamp whole = from_unix_seconds(1'398'796'238);
    for (const std::string_view text :
         {"2014-04-29T18:30:38Z", "1398796238", "1398796238.0", "1.398796238e9",
          "Tue, 29 Apr 2014 18:30:38 GMT", "2014-04-29T20:30:38+02:00", " 1398796238 "}) {
        const auto at = read_timestamp(text);
        ASSERT_TRUE(at) << text;
        EXPECT_EQ(*at, whole) << text;
    }
    EXPECT_EQ(read_timestamp("Tue, 29 Apr 2014 18:30:38.5 GMT"), whole + Duration{500});
    EXPECT_EQ(read_timestamp("1398796238.25"), whole + Duration{250});
    for (const std::string_view text :
         {"", "soon", "1e99", "-1e99", "Tue, 31 Feb 2014 18:30:38 GMT", "Tue, 29 Apr 2014 18:30 GMT",
          "Tue, 29 Apr 2014 18:30:38.1234 GMT", "29 Apr", ", GMT", ",  GMT", "Tue, a b c 00000000 GMT"}) {
        const auto at = read_timestamp(text);
        ASSERT_FALSE(at) << text;
        EXPECT_EQ(at.error().code, ErrorCode::Corrupt) << text;
    }
}

TEST(WireTextTest, HeaderListsHaveQuotesAndTimes) {
    using Strings = std::vector<std::string>;
    EXPECT_EQ(split_header_list("a, b ,c", false), (Strings{"a", "b", "c"}));
    EXPECT_EQ(split_header_list("a", false), (Strings{"a"}));
    EXPECT_EQ(split_header_list(R"("a,b", "\"c\"", d)", false), (Strings{"a,b", "\"c\"", "d"}));
    EXPECT_EQ(split_header_list("Mon, 16 Dec 2019 23:48:18 GMT, Tue, 17 Dec 2019 23:48:18 GMT", true),
              (Strings{"Mon, 16 Dec 2019 23:48:18 GMT", "Tue, 17 Dec 2019 23:48:18 GMT"}));
    EXPECT_EQ(split_header_list("2019-12-16T23:48:18Z,2019-12-17T23:48:18Z", true),
              (Strings{"2019-12-16T23:48:18Z", "2019-12-17T23:48:18Z"}));
    for (const char* text : {"plain", "a,b", "\"q\"", "back\\slash, too"})
        EXPECT_EQ(split_header_list(header_list_element(text), false), (Strings{text}));
}

}  // namespace
}  // namespace k3fleet::wire
