#include "core/scheduling/placement.h"

#include <algorithm>
#include <tuple>

namespace k3fleet::scheduling {
namespace {

bool fits(const Room& room, const Ask& ask) {
    return ask.cpu <= room.cpu && ask.memory <= room.memory && room.pods > 0;
}

double share(std::int64_t left, std::int64_t all) {
    return all > 0 ? static_cast<double>(left) / static_cast<double>(all) : 0;
}

// What would be left, as a share of what there is; the more, the better.
double score(const Room& room, const Ask& ask) {
    return share((room.cpu - ask.cpu).count, room.all_cpu.count) +
           share((room.memory - ask.memory).count, room.all_memory.count);
}

bool place_all(std::vector<Room> rooms, const std::vector<Ask>& asks) {
    for (const Ask& ask : asks) {
        Room* best = nullptr;
        for (Room& room : rooms)
            if (fits(room, ask) && (best == nullptr || score(room, ask) > score(*best, ask))) best = &room;
        if (best == nullptr) return false;
        best->cpu -= ask.cpu;
        best->memory -= ask.memory;
        --best->pods;
    }
    return true;
}

}  // namespace

bool all_find_a_place(const std::vector<Room>& rooms, std::vector<Ask> asks) {
    const auto size = [](const Ask& ask) { return std::tuple(ask.cpu.count, ask.memory.count); };
    std::ranges::sort(asks, {}, size);
    if (!place_all(rooms, asks)) return false;
    std::ranges::reverse(asks);
    return place_all(rooms, asks);
}

}  // namespace k3fleet::scheduling
