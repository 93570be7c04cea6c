// SPDX-License-Identifier: MIT
#ifndef EVRELAY_CQRENCODE_SHIM_H
#define EVRELAY_CQRENCODE_SHIM_H

#include <qrencode.h>

#endif
