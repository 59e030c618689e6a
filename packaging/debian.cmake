# What Debian's rules ask for beyond what is installed elsewhere: cpack runs this on the files before it packs them.
set(share ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr/share)
set(doc ${share}/doc/nicohort)
set(source ${CPACK_NICOHORT_SOURCE}/packaging)

function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE ${doc}/LICENSE)
file(RENAME ${doc}/CHANGELOG.md ${doc}/changelog)
file(RENAME ${share}/zsh/site-functions ${share}/zsh/vendor-completions)
file(COPY ${source}/copyright DESTINATION ${doc})
execute_process(COMMAND date -R -u -d ${CPACK_NICOHORT_RELEASED} OUTPUT_VARIABLE date OUTPUT_STRIP_TRAILING_WHITESPACE
                COMMAND_ERROR_IS_FATAL ANY)
file(WRITE ${doc}/changelog.Debian
"nicohort (${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) unstable; urgency=medium

  * The release ${CPACK_PACKAGE_VERSION}; see changelog.gz.

 -- ${CPACK_PACKAGE_CONTACT}  ${date}
")
file(GLOB pages ${share}/man/man1/*.1)
run(gzip -9n ${pages} ${doc}/changelog ${doc}/changelog.Debian)
file(MAKE_DIRECTORY ${share}/lintian/overrides)
configure_file(${source}/lintian-overrides ${share}/lintian/overrides/nicohort COPYONLY)
run(find ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr -type d -exec chmod 755 {} +)
run(find ${share} -type f -exec chmod 644 {} +)
