// doctor: what stands between this machine and an AWS account.
#include "app/doctor.h"

#include <algorithm>

#include "app/machine.h"
#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/commands/support.h"

namespace k3fleet::cli {

namespace {

Tone tone_of(app::CheckResult result) {
    switch (result) {
        case app::CheckResult::Ok: return Tone::Good;
        case app::CheckResult::Warning: return Tone::Warning;
        case app::CheckResult::Failed: return Tone::Bad;
        case app::CheckResult::NotChecked: return Tone::Faint;
    }
    return Tone::Normal;
}

// Each line of it below the other.
std::string advice(const app::Check& check) {
    std::string text;
    for (const std::string& line : split(check.fix, '\n'))
        text += format("  {:<12} {}\n", text.empty() ? check.name + ":" : "", printable(line));
    return text;
}

std::string as_text(const std::vector<app::Check>& checks, Colours colours) {
    Table table({{"CHECK"}, {"RESULT"}, {"FOUND"}});
    for (const app::Check& check : checks)
        table.row(
            {check.name, {app::to_string(check.result), tone_of(check.result)}, printable(check.found)});
    std::string text = table.render(colours);
    bool first = true;
    for (const app::Check& check : checks) {
        if (check.fix.empty()) continue;
        text += (first ? "\nWhat to do\n" : "") + advice(check);
        first = false;
    }
    return text;
}

Value to_value(const std::vector<app::Check>& checks) {
    Value list = Value::array();
    for (const app::Check& check : checks) {
        Value fix = check.fix.empty() ? Value(nullptr) : Value(check.fix);
        list.push(Value::object({{"check", check.name},
                                 {"result", app::to_string(check.result)},
                                 {"found", check.found},
                                 {"fix", std::move(fix)}}));
    }
    return Value::object({{"checks", std::move(list)}});
}

Result<ExitCode> run(const Session& session) {
    const OpenAccount aws = K3F_TRY(open_account(session));
    std::vector<app::Check> checks = app::examine(*aws.account, *aws.clock);
    checks.push_back(app::check_plugin(app::plugin_version()));
    session.result(to_value(checks), [&](Colours colours) { return as_text(checks, colours); });
    const bool failed = std::ranges::any_of(
        checks, [](const app::Check& check) { return check.result == app::CheckResult::Failed; });
    return failed ? ExitCode::Findings : ExitCode::Done;
}

}  // namespace

Command doctor() {
    return {
        .words = "doctor",
        .purpose = Purpose::Start,
        .summary = "Check what k3fleet needs on AWS, with what to do",
        .about =
            "Looks at region, credentials, connection, identity, clock and rights, in the order in which "
            "they are needed, and for the program that carries tunnels and shells. Reads only: what would "
            "change something is asked as a dry run, which AWS answers "
            "without doing it. Works on AWS alone: the simulated cloud needs nothing.",
        .examples = {{"doctor --cloud aws", "with the profile and region that the AWS command would use"},
                     {"doctor --cloud aws --profile dev --region ap-southeast-1 -o json", "for a script"}},
        .exits = {{ExitCode::Done, "nothing that k3fleet needs is missing"},
                  {ExitCode::Findings, "something failed; the last lines say what to do"}},
        .run = [](Session& session) { return run(session); },
    };
}

}  // namespace k3fleet::cli
