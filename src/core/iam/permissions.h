// Who may do what on AWS, as data: every row of model/aws-operations.toml. codegen/awsgen/permissions.py
// writes the constants (<build>/generated/core/iam/permissions_table.cc); the columns are described in the
// table's header.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace k3fleet::iam {

// Whose rights there are. Roles of AWS but the operator, who is a person with rights of their own.
enum class Principal : std::uint8_t {
    Operator,
    Controller,
    Autoscaler,
    Notifier,
    Auditor,
    Fixer,
    Responder,
    Node,
    Master,
    Scheduler,
    Trail,
    FlowLogs,
    BreakGlass,
};

// A set of them.
class Principals {
public:
    constexpr Principals() = default;
    constexpr explicit Principals(Principal one) : bits_(static_cast<std::uint16_t>(1U << unsigned(one))) {}
    constexpr bool contains(Principal one) const { return (bits_ & Principals(one).bits_) != 0; }
    constexpr bool intersects(Principals other) const { return (bits_ & other.bits_) != 0; }
    friend constexpr Principals operator|(Principals a, Principals b) {
        a.bits_ = static_cast<std::uint16_t>(a.bits_ | b.bits_);
        return a;
    }
    friend constexpr bool operator==(Principals, Principals) = default;

private:
    std::uint16_t bits_ = 0;
};

constexpr Principals operator|(Principals a, Principal b) { return a | Principals(b); }
constexpr Principals operator|(Principal a, Principal b) { return Principals(a) | Principals(b); }

enum class Effect : std::uint8_t { Allow, Deny };

// Call: the program calls it. Implied: a call needs it under another name. Service: AWS uses it for us.
enum class Kind : std::uint8_t { Call, Implied, Service };

// On what: patterns of ARNs with {project} and the like, see Names in statements.h.
struct Target {
    std::string_view name;  // Of the list; empty where a row spells the pattern out.
    std::span<const std::string_view> patterns;
};

struct Test {
    std::string_view op;  // IAM's own: "ForAllValues:StringLike"
    std::string_view key;
    std::span<const std::string_view> values;  // One of them must match; with placeholders.
};

struct Condition {
    std::string_view name;
    std::string_view why;         // What it comes to, as the end of a sentence: "it carries our tag".
    std::span<const Test> tests;  // All must hold.
};

// A document that says that a right is needed which is no call of ours.
struct Source {
    std::string_view name;  // Empty where a row spells it out.
    std::string_view text;
};

struct Grant {
    Principals callers;
    Effect effect = Effect::Allow;
    Kind kind = Kind::Call;
    std::uint16_t source = 0;                   // Number in sources(); 0 of a call: none.
    std::span<const std::uint16_t> targets;     // Numbers in targets().
    std::span<const std::uint16_t> conditions;  // Numbers in conditions(); all must hold.
};

struct Permission {
    std::string_view service;    // As in the AWS CLI: "ec2"
    std::string_view operation;  // "RunInstances"
    Kind kind = Kind::Call;
    std::string_view repeat;  // Of a call: why it may be sent again.
    // IAM's names: "ec2:RunInstances". None: AWS asks for no right.
    std::span<const std::string_view> actions;
    std::span<const Grant> grants;
};

// A right that is taken away whatever gives it.
struct Denial {
    enum class On : std::uint8_t { Only, AllBut };

    std::string_view name;
    std::string_view why;
    Principals callers;
    std::span<const std::string_view> actions;
    std::span<const std::uint16_t> targets;
    On on = On::Only;
    std::span<const std::uint16_t> conditions;
};

std::span<const Target> targets();
std::span<const Condition> conditions();
std::span<const Source> sources();
std::span<const Permission> permissions();
std::span<const Denial> denials();

}  // namespace k3fleet::iam
