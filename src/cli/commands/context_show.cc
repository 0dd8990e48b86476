// context show: every setting, its value, and where it came from.
#include <array>

#include "cli/commands/commands.h"
#include "cli/session.h"

namespace k3fleet::cli {

namespace {

Result<ExitCode> run(const Session& session) {
    const Settings& s = session.settings;
    const std::array<std::pair<std::string_view, const Setting*>, 6> rows = {{{"cloud", &s.cloud},
                                                                              {"project", &s.project},
                                                                              {"region", &s.region},
                                                                              {"profile", &s.profile},
                                                                              {"state-dir", &s.state_dir},
                                                                              {"output", &s.output}}};
    Value list = Value::array();
    Table table({{"SETTING"}, {"VALUE"}, {"FROM"}});
    for (const auto& [name, setting] : rows) {
        list.push(Value::object({{"name", name}, {"value", setting->value}, {"from", setting->origin}}));
        const bool set = !setting->value.empty();
        table.row({name, set ? Cell(setting->value) : Cell("-", Tone::Faint),
                   Cell(setting->origin, set ? Tone::Normal : Tone::Faint)});
    }
    const Value data = Value::object({{"settings", list}, {"file", session.config_file}});
    session.result(data, [&](Colours colours) {
        std::string text = table.render(colours);
        if (s.cloud.value.empty())
            text +=
                "\nno cloud is chosen: commands that change things refuse; choose with 'k3fleet context use "
                "sim'\n";
        return text;
    });
    return ExitCode::Done;
}

}  // namespace

Command context_show() {
    return {
        .words = "context show",
        .purpose = Purpose::Start,
        .summary = "Show every setting and where it comes from",
        .about =
            "The order is flag > variable > context > file > default. The file is "
            "$XDG_CONFIG_HOME/k3fleet/config.yaml (or ~/.config/k3fleet/config.yaml): its key 'defaults' may "
            "hold project, region, output and state-dir.",
        .examples = {{"context show", "what the next command would work with"},
                     {"--cloud sim context show -o yaml", "the same with a flag, as YAML"}},
        .run = [](Session& session) { return run(session); },
    };
}

}  // namespace k3fleet::cli
