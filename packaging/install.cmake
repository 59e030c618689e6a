# What `cmake --install` and the packages consist of. The pages of the report and the built-in recipes are in the program
# itself; the recipes are installed as well, to be read and copied.
include(GNUInstallDirs)

install(TARGETS nicohort)
install(DIRECTORY recipes DESTINATION ${CMAKE_INSTALL_DATADIR}/nicohort)
install(FILES LICENSE README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md CITATION.cff DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR})

# The program itself writes the manual pages and the completions.
set(where "\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}")
install(CODE "
  file(MAKE_DIRECTORY \"${where}/${CMAKE_INSTALL_MANDIR}/man1\")
  execute_process(COMMAND $<TARGET_FILE:nicohort> __man_pages \"${where}/${CMAKE_INSTALL_MANDIR}/man1\" COMMAND_ERROR_IS_FATAL ANY)
  foreach(file bash:bash-completion/completions/nicohort zsh:zsh/site-functions/_nicohort fish:fish/vendor_completions.d/nicohort.fish)
    string(REPLACE : \\; shell_and_file \${file})
    list(GET shell_and_file 0 shell)
    list(GET shell_and_file 1 file)
    set(file \"${where}/${CMAKE_INSTALL_DATADIR}/\${file}\")
    cmake_path(GET file PARENT_PATH folder)
    file(MAKE_DIRECTORY \${folder})
    execute_process(COMMAND $<TARGET_FILE:nicohort> completion \${shell} OUTPUT_FILE \${file} COMMAND_ERROR_IS_FATAL ANY)
  endforeach()")

# The program that starts the one of the portable tarball (packaging/portable.sh).
add_executable(nicohort_launcher EXCLUDE_FROM_ALL packaging/launcher.cpp)
target_link_options(nicohort_launcher PRIVATE -static -s)
set_target_properties(nicohort_launcher PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/launcher OUTPUT_NAME nicohort)

# `cpack` makes the Debian package.
set(CPACK_GENERATOR DEB)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_CONTACT "nicohort developers <nicohort@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "make training datasets from archives of medical volumes and masks")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"nicohort turns an archive of medical volumes (CT, MRI and others) and
segmentation masks into a dataset for training. The input is NIfTI files and
tables in whatever layout: a short recipe describes it. nicohort checks every
file, pairs volumes with masks, cleans the masks, and writes manifests, splits
and a report with pictures. The archive is only read.")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/packaging/debian.cmake)
set(CPACK_NICOHORT_SOURCE ${PROJECT_SOURCE_DIR})
set(CPACK_NICOHORT_RELEASED ${NICOHORT_RELEASED})
include(CPack)
