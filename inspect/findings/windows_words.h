#pragma once
#include <string>
#include <string_view>

namespace visavis::inspect {

/// event_words is what an event of the source Schannel says, in our words; empty for one that is
/// not known.
std::string_view event_words(int event);

/// Who logs an event: the TLS server, the client, or whichever side it happens to.
enum class EventParty { client, server, either };
EventParty event_party(int event);

/// status_name is the symbol of a Windows status code ("0x80090326" is SEC_E_ILLEGAL_MESSAGE);
/// empty for one that is not known.
std::string_view status_name(std::string_view hresult);

}  // namespace visavis::inspect
