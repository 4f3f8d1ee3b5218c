# @VERSION@ serves requests for older versions of the same major number; before 1.0, of the same minor number, too.
set(PACKAGE_VERSION "@VERSION@")
set(_nativeconv_line "@MAJOR@")
set(_nativeconv_wanted "${PACKAGE_FIND_VERSION_MAJOR}")
if("@MAJOR@" STREQUAL "0")
  set(_nativeconv_line "@MAJOR@.@MINOR@")
  set(_nativeconv_wanted "${PACKAGE_FIND_VERSION_MAJOR}.${PACKAGE_FIND_VERSION_MINOR}")
endif()

set(PACKAGE_VERSION_COMPATIBLE FALSE)
set(PACKAGE_VERSION_EXACT FALSE)
if(NOT PACKAGE_FIND_VERSION)
  set(PACKAGE_VERSION_COMPATIBLE TRUE)
elseif(_nativeconv_wanted STREQUAL _nativeconv_line AND NOT PACKAGE_VERSION VERSION_LESS PACKAGE_FIND_VERSION)
  set(PACKAGE_VERSION_COMPATIBLE TRUE)
  if(PACKAGE_FIND_VERSION VERSION_EQUAL PACKAGE_VERSION)
    set(PACKAGE_VERSION_EXACT TRUE)
  endif()
endif()

# The library is for 64-bit programs.
if(CMAKE_SIZEOF_VOID_P AND NOT CMAKE_SIZEOF_VOID_P EQUAL 8)
  set(PACKAGE_VERSION "${PACKAGE_VERSION} (64-bit)")
  set(PACKAGE_VERSION_UNSUITABLE TRUE)
endif()

unset(_nativeconv_line)
unset(_nativeconv_wanted)
