#pragma once
#include <cstdint>

#include "certs/leaf_faults.h"
#include "certs/openssl_handles.h"

// What a leaf takes over from a faulty certificate of the backend's. Every function throws
// std::runtime_error when OpenSSL fails.
namespace visavis::certs {

/// repeat_faults gives the leaf the backend's dates and extended key usage where these are faults.
void repeat_faults(x509_st& leaf, const x509_st& backend, const LeafFaults& faults);

/// sign_by_itself makes the leaf self-signed.
void sign_by_itself(x509_st& leaf, evp_pkey_st& own_key);

/// StandIn is a CA that stands for the backend's issuer: of its name, with a key of ours.
struct StandIn {
  X509Ptr certificate;
  PkeyPtr key;
};

/// make_stand_in makes one, valid from a day before `now_s` for a year: under `authority`, or,
/// where that is null, self-signed.
[[nodiscard]] StandIn make_stand_in(const X509_name_st& name, std::int64_t now_s,
                                    const x509_st* authority, evp_pkey_st* authority_key);

/// sign_by_stand_in makes the stand-in the leaf's issuer.
void sign_by_stand_in(x509_st& leaf, const StandIn& stand_in);

}  // namespace visavis::certs
