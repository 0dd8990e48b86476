// The formatting behind base/text.h, compiled once.  tidy: allow(namespace): because fmt's own is opened
//
// fmt's headers alone would compile it again in every file, at several seconds each, and the shared library
// that the distribution has cannot be linked statically.
#include <fmt/format-inl.h>

// What fmt/format.h declares as instantiated elsewhere.
FMT_BEGIN_NAMESPACE
namespace detail {
template FMT_API void buffer<char>::append(const char*, const char*);
template FMT_API auto thousands_sep_impl(locale_ref) -> thousands_sep_result<char>;
template FMT_API auto decimal_point_impl(locale_ref) -> char;
template FMT_API void vformat_to(buffer<char>&, string_view, basic_format_args<FMT_BUFFER_CONTEXT(char)>,
                                 locale_ref);
template FMT_API auto dragonbox::to_decimal(float) noexcept -> dragonbox::decimal_fp<float>;
template FMT_API auto dragonbox::to_decimal(double) noexcept -> dragonbox::decimal_fp<double>;
}  // namespace detail
FMT_END_NAMESPACE
