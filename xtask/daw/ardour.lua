-- Drives Ardour for `cargo xtask soak --daw`: does the steps that it is given as arguments, one after
-- the other, each with its own arguments. It judges nothing: what comes out is written to files.
--
--   ardour7-lua ardour.lua FOLDER NAME STEP [ARGUMENTS] [STEP [ARGUMENTS]]...
--
-- Ardour's Lua ends by a segmentation fault where a method is called on an object that is not there,
-- so whatever is looked up is asked for `isnil` first.

local TRACK = "Track"

local folder, name = arg[1], arg[2]
local next_argument = 3
local session

local function take()
    local value = arg[next_argument]
    next_argument = next_argument + 1
    return value
end

local function given(what)
    return take() or error(what .. " is missing")
end

local function number(what)
    local text = given(what)
    return tonumber(text) or error(what .. " is no number: " .. text)
end

local function found(object, what)
    if not object or object:isnil() then
        error("there is no " .. what)
    end
    return object
end

local function track()
    return found(session:route_by_name(TRACK), "track " .. TRACK)
end

local function processor()
    return found(track():nth_plugin(0), "plugin on the track")
end

-- The plugin and the numbers of its parameters by their names.
local function parameters()
    local plugin = found(processor():to_insert(), "plugin insert"):plugin(0)
    local numbers = {}
    for index = 0, plugin:parameter_count() - 1 do
        numbers[plugin:parameter_label(index)] = index
    end
    return plugin, numbers
end

local function parameter(label)
    local _, numbers = parameters()
    return numbers[label] or error("there is no parameter " .. label)
end

local function write(path, lines)
    local file = assert(io.open(path, "w"))
    file:write(table.concat(lines, "\n"), "\n")
    file:close()
end

local steps = {}

-- blocks SAMPLES: the length of Ardour's blocks, before there is a session
function steps.blocks()
    assert(AudioEngine:set_backend("None (Dummy)", "erbium", ""), "Ardour has no backend without devices")
    local samples = math.tointeger(number("the length of a block"))
    assert(AudioEngine:set_buffer_size(samples) == 0, "Ardour refuses this length of blocks")
end

-- create RATE: a session with a stereo track
function steps.create()
    session = create_session(folder, name, math.tointeger(number("the sample rate")))
        or error("cannot create a session")
    session:new_audio_track(2, 2, nil, 1, TRACK, -1, ARDOUR.TrackMode.Normal, true)
    track()
end

-- load: the session as it was saved
function steps.load()
    session = load_session(folder, name) or error("cannot load the session")
    track()
end

-- insert NAME: the VST3 plugin of this name, before the fader of the track
function steps.insert()
    local plugin = given("the name of a plugin")
    local made = found(
        ARDOUR.LuaAPI.new_plugin(session, plugin, ARDOUR.PluginType.VST3, ""),
        "VST3 plugin " .. plugin .. " among those that were scanned"
    )
    assert(track():add_processor_by_index(made, 0, nil, true) == 0, "the track does not take it")
end

-- set PARAMETER VALUE
function steps.set()
    local index = parameter(given("the name of a parameter"))
    assert(
        ARDOUR.LuaAPI.set_processor_param(processor(), index, number("the value")),
        "the parameter cannot be set"
    )
end

-- automate PARAMETER FILE: a lane of the points in the file, a sample and a value on each line, which is
-- played from now on
function steps.automate()
    local index = parameter(given("the name of a parameter"))
    local list, lane = ARDOUR.LuaAPI.plugin_automation(processor(), index)
    found(list, "lane of this parameter")
    for line in io.lines(given("the file of points")) do
        local sample, value = line:match("^(%d+) (%S+)$")
        lane:add(Temporal.timepos_t(math.tointeger(sample)), tonumber(value), false, true)
    end
    local which = Evoral.Parameter(ARDOUR.AutomationType.PluginAutomation, 0, index)
    local control = processor():to_automatable():automation_control(which, false)
    found(control, "control of this parameter")
    control:set_automation_state(ARDOUR.AutoState.Play)
end

-- describe FILE: the latency that the plugin reports in samples, the number of regions, and then every
-- parameter's value and name
function steps.describe()
    local plugin, numbers = parameters()
    local lines = {
        "latency\t" .. processor():signal_latency(),
        "regions\t" .. track():to_track():playlist():n_regions(),
    }
    for index = 0, plugin:parameter_count() - 1 do
        local value, known = ARDOUR.LuaAPI.get_processor_param(processor(), index, 0)
        assert(known, "a parameter has no value")
        lines[#lines + 1] = string.format("%s\t%.9g", plugin:parameter_label(index), value)
    end
    write(given("a file"), lines)
end

-- export FILE SAMPLES PRESET: the first samples of the session, by the export preset of this id; FILE is
-- without its extension
function steps.export()
    local path = given("a file")
    local samples = math.tointeger(number("the length"))
    local export = session:simple_export()
    assert(export:set_preset(given("the id of a preset")), "there is no such export preset")
    assert(export:check_outputs(), "the master bus has no outputs")
    local directory, base = path:match("^(.*)/([^/]+)$")
    export:set_folder(directory)
    export:set_name(base)
    export:set_range(0, samples)
    assert(export:run_export(), "the export failed")
end

-- roll SAMPLE SECONDS FILE: plays from the sample on, at the pace of a device; the file tells how many
-- samples were played
function steps.roll()
    local from = math.tointeger(number("the place"))
    local by = ARDOUR.TransportRequestSource.TRS_UI
    session:request_locate(from, false, ARDOUR.LocateTransportDisposition.MustRoll, by)
    sleep(number("the time"))
    write(given("a file"), { tostring(session:transport_sample() - from) })
    session:request_stop(false, false, by)
    sleep(1)
end

-- save
function steps.save()
    assert(session:save_state("") == 0, "the session cannot be saved")
end

local function run()
    local step = take()
    while step do
        local act = steps[step] or error("there is no step " .. step)
        act()
        step = take()
    end
    close_session()
end

run()
quit()
