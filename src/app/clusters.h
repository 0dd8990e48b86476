// Cluster files: uploaded, listed, changed, and marked for deletion.
//
// The file in the store is what everything else works from. It is written with a condition each time, so that
// two people cannot overwrite each other unseen. The file of a cluster that is to go carries a mark, its
// first line, until nothing of the cluster is left: so one reading tells both.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/intent/problem.h"
#include "core/model/intent.h"
#include "ports/loop_state.h"
#include "ports/objects.h"

namespace k3fleet::app {

struct ClusterFile {
    model::ClusterIntent intent;  // `deleting` is set from the mark.
    std::string text;             // Without the mark.
    std::string version;          // Changes with every upload.
    std::vector<intent::Problem> warnings;
};

// Who does something, and when: for the journal.
struct Doer {
    std::string who;
    Timestamp at;
};

// Checks a file that is not stored yet. InvalidArgument lists everything that is wrong with it; `name` is
// what the user typed. With a project its regions bind (G-14), and it says what the file does not; then the
// text is one that says so itself, since whoever reads it later may know no project.
Result<ClusterFile> check_cluster_file(std::string_view text, std::string_view name,
                                       const model::ProjectIntent* project = nullptr);

// NotFound names the clusters there are.
Result<ClusterFile> load_cluster(ports::Objects& objects, const model::ClusterName& name);

// load_cluster() for who loads the same files again and again: it reads each time, but checks only what is
// not, to the byte, what it has read the last time. One each for whoever ticks.
class ClusterFiles {
public:
    Result<ClusterFile> load(ports::Objects& objects, const model::ClusterName& name);

private:
    struct Read {
        std::string stored;  // With the mark.
        ClusterFile file;
    };
    std::map<model::ClusterName, Read> last_;
};

// Sorted by name.
Result<std::vector<model::ClusterName>> list_clusters(ports::Objects& objects);

// Uploads a new cluster's file. Conflict if there is a cluster of that name.
Result<ClusterFile> create_cluster(ports::Objects& objects, const ClusterFile& file, const Doer& doer);

// One field that differs between two versions of a cluster's file. A side that has no such field is empty.
struct Change {
    std::string path;  // "spec.pools.default.max"
    std::string from;
    std::string to;
    friend bool operator==(const Change&, const Change&) = default;
};
std::vector<Change> changes(const model::ClusterIntent& from, const model::ClusterIntent& to);

// Replaces the file of a cluster that was read as `stored`. Conflict: somebody else changed it meanwhile.
Result<ClusterFile> replace_cluster(ports::Objects& objects, const ClusterFile& stored,
                                    const ClusterFile& file, const Doer& doer);

// From now on ticks take the cluster down. Idempotent. NotFound: it has no file.
// Conflict: others change its file again and again.
Status mark_deleting(ports::Objects& objects, const model::ClusterName& name, const Doer& doer);

// Removes what is left of a cluster in the store once no machine of it is left: both loops' items and the
// file. The journal stays. Idempotent. Conflict: somebody holds one of the loops.
Status forget_cluster(ports::Objects& objects, ports::LoopState& state, const model::ClusterName& name,
                      const model::HolderId& holder, const Doer& doer);

}  // namespace k3fleet::app
