# find_package(NativeConv) makes the target NativeConv::nativeconv: the shared library and the headers for C and C++.
# Paths are relative to this file: the folder may be moved.
get_filename_component(_nativeconv_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
set(_nativeconv_library "${_nativeconv_prefix}/lib/libnativeconv.so.1")

if(NOT EXISTS "${_nativeconv_library}")
  set(NativeConv_FOUND FALSE)
  set(NativeConv_NOT_FOUND_MESSAGE "${_nativeconv_library} is missing: this folder is not a whole NativeConv package for @RID@")
elseif(NOT TARGET NativeConv::nativeconv)
  add_library(NativeConv::nativeconv SHARED IMPORTED)
  set_target_properties(NativeConv::nativeconv PROPERTIES
    IMPORTED_LOCATION "${_nativeconv_library}"
    IMPORTED_SONAME "libnativeconv.so.1"
    INTERFACE_INCLUDE_DIRECTORIES "${_nativeconv_prefix}/include")
endif()

unset(_nativeconv_library)
unset(_nativeconv_prefix)
