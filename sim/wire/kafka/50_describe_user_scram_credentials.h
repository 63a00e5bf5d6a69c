// DescribeUserScramCredentials (50): which SCRAM mechanisms users have. Version 0.
//
// KIP-554.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/wire/kafka/field.h"

namespace brokerlab::kafka {

struct DescribeUserScramCredentialsResponse;

struct DescribeUserScramCredentialsRequest {
  static constexpr std::string_view schema_name = "DescribeUserScramCredentialsRequest";
  static constexpr int16_t api_key = 50;
  using Response = DescribeUserScramCredentialsResponse;
  static const MessageSchema& schema();

  struct UserName {
    std::string name{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("name", name);
    }
  };
  std::optional<std::vector<UserName>> users = std::vector<UserName>{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("users", users, nullable);
  }
};

struct DescribeUserScramCredentialsResponse {
  static constexpr std::string_view schema_name = "DescribeUserScramCredentialsResponse";
  static constexpr int16_t api_key = 50;
  static const MessageSchema& schema();

  struct CredentialInfo {
    int8_t mechanism = 0;
    int32_t iterations = 0;
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("mechanism", mechanism);
      f("iterations", iterations);
    }
  };
  struct DescribeUserScramCredentialsResult {
    std::string user{};
    int16_t error_code = 0;
    std::optional<std::string> error_message = "";
    std::vector<CredentialInfo> credential_infos{};
    UnknownTags unknown_tags{};
    template <class F>
    void fields(F&& f) {
      f("user", user);
      f("errorCode", error_code);
      f("errorMessage", error_message, nullable);
      f("credentialInfos", credential_infos);
    }
  };
  int32_t throttle_time_ms = 0;
  int16_t error_code = 0;
  std::optional<std::string> error_message = "";
  std::vector<DescribeUserScramCredentialsResult> results{};
  UnknownTags unknown_tags{};
  template <class F>
  void fields(F&& f) {
    f("throttleTimeMs", throttle_time_ms);
    f("errorCode", error_code);
    f("errorMessage", error_message, nullable);
    f("results", results);
  }
};

}  // namespace brokerlab::kafka
