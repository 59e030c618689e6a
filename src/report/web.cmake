# The pages of web/, built by npm outside the source folder and embedded by web_files.cpp.
set(NICOHORT_WEB_DIST "" CACHE PATH "The pages of web/ as built elsewhere (empty: npm builds them)")
set(web_dist ${NICOHORT_WEB_DIST})
set(web_pages index.html report.js report.css viewer.html viewer.js viewer.css)

if(NOT web_dist)
  find_program(NODE node)
  find_program(NPM npm)
  set(remedy "install the packages nodejs and npm (version 18 of node, or newer), or name a folder with the built pages by -DNICOHORT_WEB_DIST=FOLDER")
  if(NOT NODE OR NOT NPM)
    message(FATAL_ERROR "node and npm, which build the pages of the report, are missing: ${remedy}")
  endif()
  execute_process(COMMAND ${NODE} --version OUTPUT_VARIABLE node_version OUTPUT_STRIP_TRAILING_WHITESPACE)
  string(REGEX REPLACE "^v" "" node_version "${node_version}")
  if(node_version VERSION_LESS 18)
    message(FATAL_ERROR "node ${node_version} is too old to build the pages of the report: ${remedy}")
  endif()

  set(web_source ${PROJECT_SOURCE_DIR}/web)
  set(web_build ${PROJECT_BINARY_DIR}/web)
  set(web_dist ${web_build}/dist)
  set(packages ${web_source}/package.json ${web_source}/package-lock.json)
  add_custom_command(
    OUTPUT ${web_build}/node_modules/.package-lock.json
    COMMAND ${CMAKE_COMMAND} -E make_directory ${web_build}
    COMMAND ${CMAKE_COMMAND} -E copy ${packages} ${web_build}
    COMMAND ${NPM} ci --no-audit --no-fund --loglevel=error
    DEPENDS ${packages}
    WORKING_DIRECTORY ${PROJECT_BINARY_DIR}/web
    COMMENT "Installing the packages that build the report's pages"
    VERBATIM)

  set(settings ${web_source}/build.mjs ${web_source}/tsconfig.json)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${web_source}/src/* ${web_source}/public/*)
  list(TRANSFORM web_pages PREPEND ${web_dist}/ OUTPUT_VARIABLE built_pages)
  add_custom_command(
    OUTPUT ${built_pages}
    COMMAND ${CMAKE_COMMAND} -E rm -rf src public dist
    COMMAND ${CMAKE_COMMAND} -E copy_directory ${web_source}/src src
    COMMAND ${CMAKE_COMMAND} -E copy_directory ${web_source}/public public
    COMMAND ${CMAKE_COMMAND} -E copy ${packages} ${settings} .
    COMMAND ${NPM} run --silent build
    DEPENDS ${web_build}/node_modules/.package-lock.json ${packages} ${settings} ${sources}
    WORKING_DIRECTORY ${web_build}
    COMMENT "Building the report's pages"
    VERBATIM)
  add_custom_target(web DEPENDS ${built_pages})
endif()

list(TRANSFORM web_pages PREPEND ${web_dist}/ OUTPUT_VARIABLE embedded_pages)
set_source_files_properties(report/web_files.cpp PROPERTIES
  COMPILE_OPTIONS -Wa,-I${web_dist} OBJECT_DEPENDS "${embedded_pages}")
