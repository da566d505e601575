#pragma once
#include <memory>

namespace visavis::inspect {

/// ByteOwner comes with bytes that need not be copied: who keeps a copy of it may read them as long
/// as it does, on any thread. Null: they are gone when the call returns.
using ByteOwner = std::shared_ptr<const void>;

}  // namespace visavis::inspect
