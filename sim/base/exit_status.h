// Exit statuses of programs, as a POSIX shell has them.
#pragma once

namespace brokerlab::exit_status {

inline constexpr int success = 0;
inline constexpr int failure = 1;
inline constexpr int usage = 2;
inline constexpr int no_such_command = 127;
inline constexpr int interrupted = 130;  ///< 128 + SIGINT
inline constexpr int terminated = 143;   ///< 128 + SIGTERM

}  // namespace brokerlab::exit_status
