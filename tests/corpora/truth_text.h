#pragma once
#include <boost/json.hpp>
#include <optional>
#include <string>
#include <string_view>

/// The truth files' way of writing things, made comparable with ours.
namespace visavis::corpora {

/// plain_item returns an item of a truth file's list without what only places it there (frame,
/// direction), its values written as ours are.
boost::json::value plain_item(std::string_view list, const boost::json::value& item);

/// unescaped undoes "\C3": OpenSSL writes so each byte that is not ASCII, we only control
/// characters.
std::string unescaped(std::string_view text);

/// plain_name writes a subject alternative name as we do; of names that have no common way of being
/// written, only the kind is left.
std::string plain_name(std::string_view name);

/// is_of_direction says whether an item of a truth file's list was sent in this direction.
bool is_of_direction(const boost::json::value& item, std::string_view direction);

/// expected_established says whether both sides sent a Finished, as far as the truth tells: by the
/// order of its records up to TLS 1.2, by the decrypted messages in TLS 1.3 where it has secrets.
std::optional<bool> expected_established(const boost::json::object& stream);

/// expected_resumed says whether the truth calls the stream a resumption.
bool expected_resumed(const boost::json::object& stream);

}  // namespace visavis::corpora
