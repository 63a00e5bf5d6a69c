// AlterUserScramCredentials (51): sets or removes SCRAM credentials. Version 0.
//
// KIP-554.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/bytes.h"
#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct AlterUserScramCredentialsResponse;

struct AlterUserScramCredentialsRequest {
  static constexpr std::string_view schema_name = "AlterUserScramCredentialsRequest";
  static constexpr int16_t api_key = 51;
  using Response = AlterUserScramCredentialsResponse;
  static const MessageSchema& schema();

  struct ScramCredentialDeletion {
    std::string name{};
    int8_t mechanism = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("mechanism", mechanism);
    }
  };
  struct ScramCredentialUpsertion {
    std::string name{};
    int8_t mechanism = 0;
    int32_t iterations = 0;
    Bytes salt{};
    Bytes salted_password{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
      f("mechanism", mechanism);
      f("iterations", iterations);
      f("salt", salt);
      f("saltedPassword", salted_password);
    }
  };
  std::vector<ScramCredentialDeletion> deletions{};
  std::vector<ScramCredentialUpsertion> upsertions{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("deletions", deletions);
    f("upsertions", upsertions);
  }
};

struct AlterUserScramCredentialsResponse {
  static constexpr std::string_view schema_name = "AlterUserScramCredentialsResponse";
  static constexpr int16_t api_key = 51;
  static const MessageSchema& schema();

  struct AlterUserScramCredentialsResult {
    std::string user{};
    int16_t error_code = 0;
    std::optional<std::string> error_message = "";
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("user", user);
      f("errorCode", error_code);
      f("errorMessage", error_message, nullable);
    }
  };
  int32_t throttle_time_ms = 0;
  std::vector<AlterUserScramCredentialsResult> results{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms);
    f("results", results);
  }
};

}  // namespace brokerlab::kafka
