// All pages of a list, one after another, within bounds.
//
//   Status done = for_each_page(api, ec2::DescribeInstancesRequest{}, [&](const auto& page) { ...; return
//   Status(); });
#pragma once

#include <set>
#include <string>

#include "aws/api.h"
#include "base/check.h"

namespace k3fleet::aws {

struct PageLimits {
    int pages = 1000;
    // Of the list that the pages are of (Pagination::result_key), all pages together.
    std::size_t items = 1'000'000;
};

// Follows the tokens. One for each walk through a list.
class PageWalk {
public:
    PageWalk(const Operation& operation, PageLimits limits) : operation_(operation), limits_(limits) {
        K3F_CHECK(operation.pagination != nullptr);
    }

    // Puts what the answer says into the request for the next page; false: that was the last one. Corrupt if
    // AWS gives a token a second time, or there are more pages or items than allowed: a list that is cut off
    // would look complete.
    Result<bool> next(const void* response, void* request);

private:
    Result<bool> more(const void* response) const;
    Status count(const void* response);

    const Operation& operation_;
    PageLimits limits_;
    int pages_ = 0;
    std::size_t items_ = 0;
    std::set<std::string> seen_;
};

// Calls visit(const Response&) -> Status for each page; an error of it ends the walk and is returned. The
// options' timeout is for each page. Operations that have pages only.
template <typename Request, typename Visit>
Status for_each_page(Api& api, Request request, Visit visit, PageLimits limits = {},
                     const CallOptions& options = {}) {
    PageWalk walk(Request::operation(), limits);
    while (true) {
        const typename Request::Response page = K3F_TRY(api.call(request, options));
        K3F_TRY(visit(page));
        if (!K3F_TRY(walk.next(&page, &request))) return {};
    }
}

}  // namespace k3fleet::aws
