#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace visavis::inspect {

/// listed_target is a request target as reports and logs show it: printable ASCII (other bytes as
/// %XX), cut after 2 KiB, and, unless `log_queries`, every query value as ***: "/a?user=***&x=***".
/// A query part without "=" may be all value ("?token") and is masked whole.
std::string listed_target(std::string_view target, bool log_queries);

/// listed_host is Host or :authority as reports show it: printable like a target, cut after
/// limits::kMaxListedHostBytes; nothing for an empty one.
std::optional<std::string> listed_host(std::string_view host);

/// listed_media_type is a Content-Type as reports show it: printable, but for its spaces, cut after
/// limits::kMaxListedHostBytes; nothing for an empty one.
std::optional<std::string> listed_media_type(std::string_view content_type);

}  // namespace visavis::inspect
