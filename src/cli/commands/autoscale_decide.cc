// autoscale decide: the policy `thresholds` alone, on one case.
#include <memory>

#include "app/decide_case.h"
#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/session.h"

namespace k3fleet::cli {

namespace {

struct Options {
    std::string file;
};

std::string as_text(const scaling::ThresholdDecision& decision, Colours colours) {
    std::string text;
    const auto line = [&](std::string_view name, const std::string& value, Tone tone) {
        text += format("{:<11}{}\n", name, paint(value, tone, colours));
    };
    std::string action = "do nothing";
    if (decision.action == scaling::Direction::Up) action = "add " + counted(decision.count, "worker");
    if (decision.action == scaling::Direction::Down) action = "remove " + counted(decision.count, "worker");
    line("decision", action, Tone::Strong);
    line("reason", decision.reason, Tone::Normal);
    if (!decision.blocked_by) return text;
    line("wanted", decision.wish.empty() ? "-" : decision.wish, Tone::Normal);
    line("blocked by", std::string(scaling::to_string(*decision.blocked_by)), Tone::Warning);
    return text;
}

Result<ExitCode> run(const Session& session, const Options& options) {
    const std::string text = K3F_TRY(read_input(session.host, options.file));
    const std::string name = input_name(options.file);
    const app::DecideCase facts = K3F_TRY(app::read_decide_case(text, name));
    const scaling::ThresholdDecision decision = app::decide(facts);
    session.result(app::to_value(decision), [&](Colours colours) { return as_text(decision, colours); });
    return ExitCode::Done;
}

}  // namespace

Command autoscale_decide() {
    const auto options = std::make_shared<Options>();
    Command command{
        .words = "autoscale decide",
        .purpose = Purpose::Scaling,
        .summary = "Ask the policy what it would do in one case",
        .about =
            "Evaluates the policy 'thresholds' on a case you write down: no cloud, no clock, no state. The "
            "case is "
            "an object in JSON or YAML:\n"
            "  config    min 2, max 10, cpu_up 70, cpu_down 30, memory_up 75, memory_down 50,\n"
            "            windows {up 3, down 10, pending 1}, cooldown_up_s 300, cooldown_down_s 600\n"
            "            (these are the defaults; leave out what you do not change)\n"
            "  now       moment of the decision, UNIX seconds\n"
            "  workers   workers that are Ready;  booting: those still starting\n"
            "  last_up, last_down   moments of the last actions, or null for never;  frozen: true or false\n"
            "  readings  a list, one a slot, newest last, of {cpu, memory, pending, custom_over};\n"
            "            null, NaN, infinite and negative values mean: not known\n"
            "The JSON answer is {\"action\",\"count\",\"reason\",\"blocked_by\"}: action is scale_up, "
            "scale_down or "
            "none; blocked_by is cooldown, max, min, unknown, booting, frozen or null.",
        .examples = {{"autoscale decide -f case.json", "the answer for people"},
                     {"autoscale decide -f - -o json < case.json", "from standard input, for a script"}},
        .run = [options](Session& session) { return run(session, *options); },
    };
    command.option("--file", "FILE", options->file, "The case; - is standard input")
        .short_name("-f")
        .required();
    return command;
}

}  // namespace k3fleet::cli
